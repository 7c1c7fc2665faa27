// Reads topics without a consumer group.
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** One consumer without a group; reads what lies between two sets of offsets. */
class Log {
  final KafkaConsumer<byte[], byte[]> consumer;

  Log(String brokers, String isolation) {
    var settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("isolation.level", isolation);
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "none");
    settings.put("metadata.max.age.ms", "1000");
    settings.put("default.api.timeout.ms", "30000");
    settings.put("request.timeout.ms", "5000");
    settings.put("fetch.max.wait.ms", "100");
    settings.put("check.crcs", "true");
    consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  List<TopicPartition> partitions(String topic) {
    var all = new ArrayList<TopicPartition>();
    for (var info : consumer.partitionsFor(topic)) all.add(new TopicPartition(topic, info.partition()));
    all.sort(Comparator.comparingInt(TopicPartition::partition));
    return all;
  }

  /** From these offsets to the end at the time of the call; per partition in offset order. */
  Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> read(Map<TopicPartition, Long> from) {
    var found = new HashMap<TopicPartition, List<ConsumerRecord<byte[], byte[]>>>();
    for (var partition : from.keySet()) found.put(partition, new ArrayList<>());
    consumer.assign(from.keySet());
    from.forEach(consumer::seek);
    Map<TopicPartition, Long> ends = consumer.endOffsets(from.keySet());
    long giveUpAt = System.nanoTime() + 60_000_000_000L;
    while (from.keySet().stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
      if (System.nanoTime() > giveUpAt) throw new IllegalStateException("the end was not reached in 60 s");
      for (var record : consumer.poll(Duration.ofMillis(200))) {
        var at = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ends.get(at)) found.get(at).add(record);
      }
    }
    return found;
  }
}
