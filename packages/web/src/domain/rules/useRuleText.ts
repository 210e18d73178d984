import { useI18n } from 'vue-i18n';
import { useFormat } from '../../language/useFormat.js';
import type { RuleContent, RuleDestination, RuleSubject } from './rule.js';
import { sentenceKindOf, serviceOf } from './sentence.js';

export interface RuleText {
  /** The whole rule in one sentence. */
  sentence(content: RuleContent): string;
  subject(subject: RuleSubject): string;
  destination(destination: RuleDestination, action: RuleContent['action']): string;
}

/** Rules in words, for whatever takes plain text only. */
export function useRuleText(): RuleText {
  const { t } = useI18n();
  const format = useFormat();
  const subject = (end: RuleSubject): string => {
    switch (end.kind) {
      case 'everyone':
        return t('ruleText.everyone');
      case 'group':
        return t('ruleText.subjectGroup', { name: end.id });
      case 'client':
        return t('ruleText.subjectClient', { name: end.id });
      case 'prefixes':
        return t('ruleText.subjectHosts', { name: format.value.list(end.prefixes) });
    }
  };
  const destination = (end: RuleDestination, action: RuleContent['action']): string => {
    switch (end.kind) {
      case 'any':
        return action === 'deny' ? t('ruleText.anythingDenied') : t('ruleText.anything');
      case 'prefixes':
        return t('ruleText.toHosts', { name: format.value.list(end.prefixes) });
      case 'name':
        return t('ruleText.toHosts', { name: end.name });
      case 'group':
        return t('ruleText.toGroup', { name: end.id });
      case 'client':
        return t('ruleText.toClient', { name: end.id });
    }
  };
  return {
    subject,
    destination,
    sentence: (content) =>
      t(`ruleText.sentence.${sentenceKindOf(content)}`, {
        subject: subject(content.subject),
        destination: destination(content.destination, content.action),
        service: serviceOf(content) ?? '',
      }),
  };
}
