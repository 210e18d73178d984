import type { Command } from 'commander';
import type { WebhookFlags } from '../../admin/webhooks.js';
import { argument, listOf, means, type Parsed } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';
import { withLimit } from './limitOption.js';

const event = (text: string): Parsed<string> => means(text);
const id = '<id>';

/** `masque-vpn admin webhook …` */
export function webhookCommand(context: CommandContext): Command {
  return branch('webhook', 'Programs elsewhere that are told what happens.', [
    leaf<WebhookFlags, [string]>(context, {
      name: 'add',
      description: 'Tell a program of events; what it gets is signed.',
      define: (command) =>
        command
          .argument('<url>')
          .requiredOption(
            '--events <list>',
            'like session.connected,session.refused',
            argument(listOf(event)),
          ),
      examples: ['sudo masque-vpn admin webhook add https://ops.example.org/hook --events session.refused'],
      run: async (tools, flags, url) => {
        const { addWebhook } = await import('../../admin/webhooks.js');
        return addWebhook(url, flags, tools);
      },
    }),
    leaf(context, {
      name: 'list',
      description: 'List all webhooks.',
      run: async (tools) => {
        const { listWebhooks } = await import('../../admin/webhooks.js');
        return listWebhooks(tools);
      },
    }),
    leaf<WebhookFlags, [string]>(context, {
      name: 'set',
      description: 'Change a webhook; what is not named stays.',
      define: (command) =>
        command
          .argument(id)
          .option('--events <list>', 'what it is told of', argument(listOf(event)))
          .option('--url <url>', 'where it is'),
      run: async (tools, flags, webhook) => {
        const { setWebhook } = await import('../../admin/webhooks.js');
        return setWebhook(webhook, flags, tools);
      },
    }),
    ...[true, false].map((enabled) =>
      leaf<object, [string]>(context, {
        name: enabled ? 'enable' : 'disable',
        description: enabled ? 'Tell a webhook again.' : 'Tell a webhook nothing.',
        define: (command) => command.argument(id),
        run: async (tools, _flags, webhook) => {
          const { setWebhook } = await import('../../admin/webhooks.js');
          return setWebhook(webhook, { enabled }, tools);
        },
      }),
    ),
    leaf<object, [string]>(context, {
      name: 'test',
      description: 'Deliver a test now, and say what came of it.',
      define: (command) => command.argument(id),
      run: async (tools, _flags, webhook) => {
        const { testWebhook } = await import('../../admin/webhooks.js');
        return testWebhook(webhook, tools);
      },
    }),
    leaf<{ readonly limit: number }, [string]>(context, {
      name: 'deliveries',
      description: 'List what a webhook was told, and what waits.',
      define: (command) => {
        withLimit(command.argument(id));
      },
      run: async (tools, flags, webhook) => {
        const { listDeliveries } = await import('../../admin/webhooks.js');
        return listDeliveries(webhook, flags, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'secret',
      description: 'Make a new secret for a webhook; the old one is good for nothing.',
      define: (command) => command.argument(id),
      run: async (tools, _flags, webhook) => {
        const { renewSecret } = await import('../../admin/webhooks.js');
        return renewSecret(webhook, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'delete',
      description: 'Delete a webhook.',
      confirms: true,
      define: (command) => command.argument(id),
      run: async (tools, _flags, webhook) => {
        const { deleteWebhook } = await import('../../admin/webhooks.js');
        return deleteWebhook(webhook, tools);
      },
    }),
  ]);
}
