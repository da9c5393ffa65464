using Tikr.Core.Otlp;

namespace Tikr.Tests.Cluster.Checks;

/// <summary>Every bar that was published, and what must be true of it.</summary>
internal sealed class PublishedRevisions(string bootstrapServers, string topic) : IDisposable
{
    private readonly TopicReader _reader = new(bootstrapServers, topic);
    private readonly Dictionary<(string Symbol, long Bucket, int Revision), string> _contents = [];

    /// <summary>Records read so far.</summary>
    public int Records { get; private set; }

    /// <summary>Records that repeat another with equal content: allowed.</summary>
    public int Repeated { get; private set; }

    /// <summary>Records with the identity of another and other content.</summary>
    public int Differing { get; private set; }

    /// <summary>Reads what is new in the topic.</summary>
    public void Read()
    {
        foreach (var record in _reader.ReadNew())
        {
            if (!BarPayload.TryRead(record.Message.Value, out var bars, out var reason)) throw new InvalidDataException(reason);
            foreach (var bar in bars) Add(bar);
        }
    }

    /// <summary>Revisions of these bars that were never published, and published ones that are not stored any more or yet.</summary>
    public int HolesOf(IReadOnlyCollection<StoredBar> stored) => stored.Sum(bar =>
        Enumerable.Range(0, bar.Revision + 1).Count(revision => !_contents.ContainsKey((bar.Bar.Symbol, bar.Bar.Bucket, revision))));

    public void Dispose() => _reader.Dispose();

    private void Add(PublishedBar bar)
    {
        Records++;
        var (identity, content) = ((bar.Dimensions["symbol"], bar.BucketStart, bar.Revision), ContentOf(bar));
        if (_contents.TryAdd(identity, content)) return;
        if (_contents[identity] == content) Repeated++;
        else Differing++;
    }

    private static string ContentOf(PublishedBar bar) => string.Join(
        ' ', bar.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => $"{metric.Key}={metric.Value}"));
}
