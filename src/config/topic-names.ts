/** Names of topics from the template, and which routes would collide on one. */
import type { Mistake } from './mistakes.ts';

/** What the tokens of a template stand for. */
export interface TopicTokens {
  readonly prefix: string;
  readonly chain: string;
  readonly dataset: string;
  readonly source: string;
}

/** The template with its tokens replaced. */
export function topicName(template: string, tokens: TopicTokens): string {
  return template.replaceAll(
    /\{(prefix|chain|dataset|source)\}/g,
    (_, token: keyof TopicTokens) => tokens[token],
  );
}

/** `eip155:1` → `eip155-1`, unless it is given another name. */
export function chainSlug(chain: string, names: Readonly<Record<string, string>>): string {
  return names[chain] ?? chain.replaceAll(/[^a-zA-Z0-9._-]/g, '-');
}

/** One writer of a topic: `sources.mainnet.routes.logs`. */
export interface TopicUse {
  readonly path: string;
  readonly topic: string;
}

/**
 * Topics with two writers, and names Kafka would refuse or take for one another (it keeps dots and
 * underscores apart in names, but not in its metrics).
 */
export function topicMistakes(uses: readonly TopicUse[]): Mistake[] {
  const mistakes: Mistake[] = [];
  const writers = new Map<string, TopicUse>();
  for (const use of uses) {
    const first = writers.get(use.topic.replaceAll('.', '_'));
    if (first === undefined) writers.set(use.topic.replaceAll('.', '_'), use);
    else mistakes.push(conflict(first, use));
    if (use.topic.length > 249) {
      mistakes.push({
        path: use.path,
        message: `gives a topic name of ${use.topic.length} characters, expected at most 249`,
      });
    }
  }
  return mistakes;
}

function conflict(first: TopicUse, second: TopicUse): Mistake {
  const what =
    first.topic === second.topic
      ? `writes the topic "${second.topic}", which ${first.path} writes too`
      : `writes the topic "${second.topic}", which Kafka's metrics cannot tell from "${first.topic}" of ${first.path}`;
  return {
    path: second.path,
    message: `${what}; add {source} to topics.template, give the route a topic of its own, or choose fewer datasets`,
  };
}
