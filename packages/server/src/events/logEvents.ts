import type { LogRing } from '../process/logRing.js';
import type { TopicSource } from './eventStreams.js';
import type { Publisher } from './feed.js';

/** Lines of the log as events, while somebody listens. */
export function logEvents(feed: Publisher, logs: Pick<LogRing, 'listen'>): TopicSource {
  return {
    topic: 'logs',
    start: () =>
      logs.listen(({ number: _number, clientId, sessionId, ...entry }) =>
        feed.publish({
          topic: 'logs',
          type: 'log',
          ...(clientId === null ? {} : { clientId }),
          ...(sessionId === null ? {} : { sessionId }),
          data: { ...entry, clientId, sessionId },
        }),
      ),
  };
}
