import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel,
  type Threshold,
  type ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { dataSource } from './variables.js';

/** A line of a graph, or several: one for each series of the query's answer. */
export interface Query {
  readonly expr: string;
  /** Name of a line; `{{label}}` is replaced. */
  readonly legend: string;
}

/** Where a value begins to deserve a look (`warning`) and to hurt (`critical`). */
export interface Limits {
  readonly warning: number;
  readonly critical: number;
  /** Below them is what is bad, not above. */
  readonly fromBelow?: boolean;
}

export interface PanelSpecification {
  readonly title: string;
  /** What it shows and what to think of it, for somebody who sees it for the first time. */
  readonly description: string;
  /** A unit of Grafana's: `s`, `Bps`, `pps`, `percentunit`, `short`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Without them everything is green: no value of this is bad by itself. */
  readonly limits?: Limits;
  /** Width in twenty-fourths; default half. */
  readonly span?: number;
  readonly max?: number;
}

/** Anything that a row holds. */
export type PanelSource = Builder<Panel>;

/** Values over time. */
export function graph(panel: PanelSpecification): PanelSource {
  const { title, description, unit, limits, span = 12, max } = panel;
  const builder = new GraphBuilder()
    .title(title)
    .description(description)
    .datasource(dataSource)
    .unit(unit)
    .min(0)
    .span(span)
    .height(8)
    .lineWidth(1)
    .fillOpacity(10)
    .thresholds(thresholds(limits))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        limits === undefined ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Dashed,
      ),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .targets(targets(panel.queries));
  return max === undefined ? builder : builder.max(max);
}

/** One large number, now, with its recent course behind it. */
export function number(panel: PanelSpecification): PanelSource {
  const { title, description, unit, limits, span = 4 } = panel;
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(dataSource)
    .unit(unit)
    .span(span)
    .height(4)
    .graphMode(BigValueGraphMode.Area)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(limits))
    .targets(targets(panel.queries));
}

/** The largest first: one bar for each series. */
export function ranking(panel: PanelSpecification): PanelSource {
  const { title, description, unit, limits, span = 12 } = panel;
  return new BarGaugeBuilder()
    .title(title)
    .description(description)
    .datasource(dataSource)
    .unit(unit)
    .min(0)
    .span(span)
    .height(8)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(limits))
    .targets(targets(panel.queries, true));
}

function targets(queries: readonly Query[], instant = false): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .datasource(dataSource)
      .expr(expr)
      .legendFormat(legend);
    return instant ? query.instant() : query.range();
  });
}

function thresholds(limits: Limits | undefined): Builder<ThresholdsConfig> {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(limits));
}

function steps(limits: Limits | undefined): Threshold[] {
  if (limits === undefined) return [{ value: null, color: 'green' }];
  const { warning, critical, fromBelow = false } = limits;
  return fromBelow
    ? [
        { value: null, color: 'red' },
        { value: critical, color: 'orange' },
        { value: warning, color: 'green' },
      ]
    : [
        { value: null, color: 'green' },
        { value: warning, color: 'orange' },
        { value: critical, color: 'red' },
      ];
}
