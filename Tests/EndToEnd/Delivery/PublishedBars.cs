using Confluent.Kafka;
using Tikr.Core.Otlp;

namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>The bars of a topic, as our own consumers read them, and what must be true of them.</summary>
internal sealed class PublishedBars
{
    private readonly List<(ConsumeResult<byte[]?, byte[]?> Record, PublishedBar Bar)> _bars;

    public PublishedBars(IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> records)
    {
        Records = records;
        _bars = [.. records.Select(record =>
        {
            Assert.True(BarPayload.TryRead(record.Message.Value, out var bars, out var reason), reason);
            return (record, Assert.Single(bars));
        })];
    }

    public IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> Records { get; }

    /// <summary>Records that repeat another.</summary>
    public int Repeated => _bars.Count - Identities.Count;

    /// <summary>Series, key, bucket and revision of each, once.</summary>
    public HashSet<(string Symbol, long Bucket, int Revision)> Identities => [.. _bars.Select(bar => Identity(bar.Bar))];

    /// <summary>The last revision of each bucket.</summary>
    public IReadOnlyCollection<MarketBar> Latest =>
    [
        .. _bars.GroupBy(bar => (bar.Bar.Dimensions["symbol"], bar.Bar.BucketStart))
            .Select(bucket => ToMarket(bucket.MaxBy(bar => bar.Bar.Revision).Bar)),
    ];

    /// <summary>
    /// What lies there twice is the same; each key lies in one partition and goes on in order, after any repetition too; revisions say so
    /// in a header.
    /// </summary>
    /// <param name="mostBack">
    /// How many nanoseconds a bucket may come after a later one: none, unless ticks may reach the server after their bucket was due. Such a
    /// bucket closes by event time, and the next one, begun in time, by the clock.
    /// </param>
    public void AreConsistent(long mostBack = 0)
    {
        foreach (var same in _bars.GroupBy(bar => Identity(bar.Bar))) Assert.Single(same.Select(bar => ToMarket(bar.Bar)).Distinct());
        foreach (var key in _bars.GroupBy(bar => bar.Bar.Dimensions["symbol"]))
        {
            Assert.Single(key.Select(bar => bar.Record.Partition).Distinct());
            var last = key.GroupBy(bar => Identity(bar.Bar)).Select(same => same.MaxBy(bar => bar.Record.Offset.Value))
                .OrderBy(bar => bar.Record.Offset.Value).Select(bar => bar.Bar).ToList();
            AssertAscending(last.Where(bar => bar.Revision == 0).Select(bar => bar.BucketStart), $"first revisions of {key.Key}", mostBack);
            foreach (var bucket in last.GroupBy(bar => bar.BucketStart))
                AssertAscending(bucket.Select(bar => (long)bar.Revision), $"revisions of {key.Key} at {bucket.Key}");
        }

        foreach (var (record, bar) in _bars)
        {
            Assert.Equal($"symbol={bar.Dimensions["symbol"]}", System.Text.Encoding.UTF8.GetString(record.Message.Key!));
            Assert.Equal((bar.BucketStart + WallClock.Second) / 1_000_000, record.Message.Timestamp.UnixTimestampMs);
            Assert.Equal("application/x-protobuf", Header(record, "content-type"));
            Assert.Equal(bar.Revision == 0 ? null : $"{bar.Revision}", Header(record, "tikr-revision"));
        }
    }

    private static string? Header(ConsumeResult<byte[]?, byte[]?> record, string name) =>
        record.Message.Headers.TryGetLastBytes(name, out var bytes) ? System.Text.Encoding.ASCII.GetString(bytes) : null;

    private static (string, long, int) Identity(PublishedBar bar) => (bar.Dimensions["symbol"], bar.BucketStart, bar.Revision);

    private static MarketBar ToMarket(PublishedBar bar) => new(
        bar.Dimensions["symbol"],
        bar.BucketStart,
        (long)bar.Metrics["open"],
        (long)bar.Metrics["high"],
        (long)bar.Metrics["low"],
        (long)bar.Metrics["close"],
        (long)bar.Metrics["volume"],
        (long)bar.Metrics["tick_count"],
        bar.FirstTimestamp,
        bar.LastTimestamp);

    private static void AssertAscending(IEnumerable<long> values, string what, long mostBack = 0)
    {
        var list = values.ToList();
        for (var i = 1; i < list.Count; i++)
            Assert.True(list[i] > list[i - 1] - mostBack && list[i] != list[i - 1], $"{what}: {list[i]} after {list[i - 1]}");
    }
}
