using System.Text.RegularExpressions;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>
/// Checks <see cref="KafkaStreamOptions"/> when a silo or client starts: all mistakes at once, each with value, rule and remedy.
/// </summary>
/// <param name="options">What to check.</param>
/// <param name="name">Name of the provider.</param>
public sealed partial class KafkaStreamOptionsValidator(KafkaStreamOptions options, string name) : IConfigurationValidator
{
    private static readonly Dictionary<string, string> Reserved = new(StringComparer.Ordinal)
    {
        ["group.id"] = "Use ConsumerGroup.",
        ["enable.auto.offset.store"] = "Offsets are stored after delivery; remove it.",
        ["enable.auto.commit"] = "Delivered offsets are committed every CommitInterval; remove it.",
        ["auto.commit.interval.ms"] = "Use CommitInterval.",
        ["auto.offset.reset"] = "Use BeginWith.",
        ["enable.partition.eof"] = "Rewinding uses it; remove it.",
    };

    /// <inheritdoc/>
    public void ValidateConfiguration()
    {
        var errors = ErrorsOf(options);
        if (errors.Count > 0) throw new OrleansConfigurationException(
            Errors.BadOptions($"Options of the Kafka stream provider '{name}'", errors).Message);
    }

    internal static List<string> ErrorsOf(KafkaStreamOptions options)
    {
        var errors = KafkaProducerOptionsValidator.ErrorsOf(options.ToProducer());
        ConnectionRules.CheckReserved(options, Reserved, errors);
        if (!TopicName().IsMatch(options.Topic))
            errors.Add($"Topic is '{options.Topic}': it must be 1 to 249 of a-z, "
            + $"A-Z, 0-9, '.', '_' and '-'. Name the topic that the streams live in.");
        options.TopicOptions.Partitions = options.Partitions;
        options.TopicOptions.Check(errors);
        ConnectionRules.CheckRange(
            "StartTimeout", options.StartTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), "The default is 5 s.", errors);
        ConnectionRules.CheckRange("CommitInterval", options.CommitInterval,
            TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10), "The default is 1 s.", errors);
        ConnectionRules.CheckRange("ReadBatch", options.ReadBatch, 1, 100_000, "The default is 1000.", errors);
        ConnectionRules.CheckRange("FetchedRecords", options.FetchedRecords, 1, 10_000_000, "The default is 5000.", errors);
        ConnectionRules.CheckRange("CacheRecords", options.CacheRecords, 1, 10_000_000, "The default is 10000.", errors);
        if (options.CacheRecords < options.ReadBatch)
            errors.Add($"CacheRecords is {options.CacheRecords} and ReadBatch {options.ReadBatch}: "
                + $"the cache must hold one batch. Make CacheRecords at least as large as ReadBatch.");
        if (!Enum.IsDefined(options.Mapping))
            errors.Add($"Mapping is {options.Mapping}: it must be PerKey or PerPartition. For another one set Mapper.");
        if (!Enum.IsDefined(options.BeginWith))
            errors.Add($"BeginWith is {options.BeginWith}: it must be Latest or Earliest. The default is Latest.");
        return errors;
    }

    [GeneratedRegex("^(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}$")]
    private static partial Regex TopicName();
}
