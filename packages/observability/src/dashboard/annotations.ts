import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { chosen, series } from '../promql/series.js';
import { dataSource } from './variables.js';

/** What happened, as vertical lines on every graph. */
export function annotations(): AnnotationQueryBuilder[] {
  return [
    new AnnotationQueryBuilder()
      .name('Restarts')
      .datasource(dataSource)
      .enable(true)
      .iconColor('blue')
      .expr(`changes(${series('startTime')}[$__rate_interval]) > 0`)
      .step('1m')
      .titleFormat('Server restarted')
      .textFormat('{{instance}}'),
    new AnnotationQueryBuilder()
      .name('Alerts')
      .datasource(dataSource)
      .enable(true)
      .iconColor('red')
      .expr(`ALERTS{${chosen},alertstate="firing"}`)
      .step('1m')
      .titleFormat('{{alertname}}')
      .textFormat('{{severity}} · {{instance}}')
      .tagKeys('severity'),
  ];
}
