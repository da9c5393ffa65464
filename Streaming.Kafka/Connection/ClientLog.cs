using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Tikr.Streaming.Kafka.Connection;

/// <summary>
/// What librdkafka says, in our log: without secrets, and each kind of trouble at most once per half minute, since a client without its
/// broker complains several times a second.
/// </summary>
internal sealed class ClientLog(string client, Secrets secrets, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long At, int Suppressed)> _last = new(StringComparer.Ordinal);

    /// <summary>The text without secrets.</summary>
    public string Scrub(string? text) => secrets.Scrub(text);

    /// <summary>An error of the client as a whole.</summary>
    public void Error(Error error)
    {
        if (IsDue(error.Code.ToString(), out var suppressed)) Log.ClientError(logger, client, error.Code, Scrub(error.Reason), suppressed);
    }

    /// <summary>A line of librdkafka's own log.</summary>
    public void Line(LogMessage line)
    {
        if (line.Level > SyslogLevel.Warning) Log.ClientDetail(logger, client, line.Facility, Scrub(line.Message));
        else if (IsDue(line.Facility, out var suppressed))
            Log.ClientWarning(logger, client, line.Facility, Scrub(line.Message), suppressed);
    }

    /// <summary>A group's offset lies outside of what the partition has.</summary>
    public void OffsetGone(TopicPartition partition, long committed, long low) =>
        Log.OffsetGone(logger, partition.Topic, partition.Partition.Value, committed, low);

    /// <summary>librdkafka's statistics (JSON).</summary>
    public void Statistics(string json) => Log.Statistics(logger, client, Scrub(json));

    private bool IsDue(string kind, out int suppressed)
    {
        lock (_lock)
        {
            var isKnown = _last.TryGetValue(kind, out var last);
            suppressed = last.Suppressed;
            if (isKnown && time.GetElapsedTime(last.At) < Quiet)
            {
                _last[kind] = (last.At, last.Suppressed + 1);
                return false;
            }

            _last[kind] = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
