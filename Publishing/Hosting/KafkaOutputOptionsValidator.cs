using Microsoft.Extensions.Options;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>
/// Says everything that is wrong with <see cref="KafkaOutputOptions"/> at once; what concerns the client is checked by it.
/// </summary>
internal sealed class KafkaOutputOptionsValidator : IValidateOptions<KafkaOutputOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaOutputOptions options)
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(options.Brokers)) errors.Add(Errors.NoBrokers);
        Within("kafka.outbox_partitions", options.OutboxPartitions, 1, OutboxPartitions.MaxCount);
        Within("kafka.spool.max_size_gb in bytes", options.SpoolMaxBytes, 1 << 20, long.MaxValue);
        Within("kafka.block.max_records", options.BlockMaxRecords, 1, int.MaxValue);
        Within("kafka.drop.after", options.DropAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        Within("kafka.topics.partitions", options.TopicPartitions, 1, 10_000);
        Within(nameof(options.Lease), options.Lease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Within<T>(string key, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
                errors.Add(Errors.OutOfBounds(key, value, least, most));
        }
    }
}
