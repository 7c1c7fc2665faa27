/** Kafka Streams: one Java file with everything, started by `java -cp 'lib/*' OmmerTopology.java`. */
import { javaHead, javaMain, javaTail } from './kafka-streams-java.ts';
import { type Access, amountOf, groupColumns, type TopicShape } from './topic-shape.ts';

const head = `// Needs org.apache.kafka:kafka-streams 4.1 and org.apache.avro:avro 1.12 on the class path, and these environment
// variables: KAFKA_BROKERS, REGISTRY_URL; where they ask for it KAFKA_USERNAME, KAFKA_PASSWORD, REGISTRY_USERNAME,
// REGISTRY_PASSWORD.
`;

/** The whole program for these topics. */
export function kafkaStreamsProgram(shapes: readonly TopicShape[], access: Access): string {
  return [head, javaHead, security(access), javaMain, topology(shapes), javaTail]
    .join('')
    .trimEnd();
}

function topology(shapes: readonly TopicShape[]): string {
  return `
  static Topology topology() {
    var builder = new StreamsBuilder();
${shapes.flatMap(calls).join('\n')}
    return builder.build();
  }
`;
}

function calls(shape: TopicShape): string[] {
  const groups = groupColumns(shape).map((name) => `"${name}"`);
  const amount = amountOf(shape);
  const source = `new Source("${shape.topic}", "${shape.name}",
        List.of(${groups.join(', ')}), ${amount === undefined ? 'null' : `"${amount.text}"`})`;
  const call = (method: string): string => `    ${method}(builder, ${source});`;
  if (shape.kind === 'state') return [call('state')];
  if (shape.kind === 'final') return [call('finals')];
  if (shape.delivery === 'low_latency') {
    return [
      '    // delivery: low_latency repeats records: no sums of signs here.',
      call('changelog'),
    ];
  }
  return [call('changelog'), call('signs')];
}

function security({ protocol, saslMechanism }: Access): string {
  if (protocol === 'PLAINTEXT') return '';
  const lines = [`    settings.put("security.protocol", "${protocol}");`];
  if (saslMechanism !== null) {
    lines.push(
      `    settings.put("sasl.mechanism", "${saslMechanism}");`,
      `    settings.put("sasl.jaas.config", ${loginModule(saslMechanism)});`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function loginModule(mechanism: string): string {
  const folder = 'org.apache.kafka.common.security';
  if (mechanism === 'OAUTHBEARER')
    return `"${folder}.oauthbearer.OAuthBearerLoginModule required;"`;
  const module = mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram';
  const quote = String.raw`\"`;
  return `"${folder}.${module}LoginModule required username=${quote}" + environment("KAFKA_USERNAME", null)
        + "${quote} password=${quote}" + environment("KAFKA_PASSWORD", null) + "${quote};"`;
}
