using Microsoft.Extensions.Options;
using Tikr.Streaming.Kafka.Connection;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>Checks <see cref="KafkaProducerOptions"/>: all mistakes at once, each with value, rule and remedy.</summary>
public sealed class KafkaProducerOptionsValidator : IValidateOptions<KafkaProducerOptions>
{
    private static readonly Dictionary<string, string> Reserved = new(StringComparer.Ordinal)
    {
        ["acks"] = "Records are always acknowledged by all in-sync replicas; remove it.",
        ["request.required.acks"] = "Records are always acknowledged by all in-sync replicas; remove it.",
        ["enable.idempotence"] = "The producer is always idempotent; remove it.",
        ["transactional.id"] = "Records are produced without transactions; remove it.",
        ["bootstrap.servers"] = "Use BootstrapServers.",
        ["metadata.broker.list"] = "Use BootstrapServers.",
        ["queue.buffering.max.messages"] = "Use MaxInFlightRecords.",
        ["queue.buffering.max.kbytes"] = "Use MaxInFlightBytes.",
        ["message.timeout.ms"] = "Use MessageTimeout.",
        ["delivery.timeout.ms"] = "Use MessageTimeout.",
        ["message.max.bytes"] = "Use MaxMessageBytes.",
        ["partitioner"] = "Use Partitioner.",
    };

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, KafkaProducerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = ErrorsOf(options);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    internal static List<string> ErrorsOf(KafkaProducerOptions options)
    {
        List<string> errors = [];
        ConnectionRules.Check(options, Reserved, errors);
        ConnectionRules.CheckRange("MaxInFlightRecords", options.MaxInFlightRecords, 1, 5_000_000, "The default is 100000.", errors);
        ConnectionRules.CheckRange("MaxInFlightBytes", options.MaxInFlightBytes, 1L, 1L << 40, "The default is 67108864 (64 MiB).", errors);
        ConnectionRules.CheckRange("MaxMessageBytes", options.MaxMessageBytes, 1_000, 1_000_000_000,
            "Brokers allow 1000000 unless message.max.bytes says otherwise.", errors);
        ConnectionRules.CheckRange(
            "MessageTimeout", options.MessageTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), "The default is 30 s.", errors);
        ConnectionRules.CheckRange("Linger", options.Linger, TimeSpan.Zero, TimeSpan.FromSeconds(60), "The default is 5 ms.", errors);
        ConnectionRules.CheckRange(
            "FlushTimeout", options.FlushTimeout, TimeSpan.Zero, TimeSpan.FromHours(1), "The default is 10 s.", errors);
        if (options.Linger >= options.MessageTimeout && options.MessageTimeout > TimeSpan.Zero)
            errors.Add($"Linger is {options.Linger} and MessageTimeout {options.MessageTimeout}: "
                + $"records must not time out while they wait for others. Make Linger the smaller one.");
        if (!Enum.IsDefined(options.Partitioner))
            errors.Add($"Partitioner is {options.Partitioner}: it must be Murmur2 or Fnv1a. Java clients use Murmur2, the default.");
        if (!Enum.IsDefined(options.Compression))
            errors.Add($"Compression is {options.Compression}: it must be None, Gzip, Snappy, Lz4 or Zstd. The default is Zstd.");
        return errors;
    }
}
