using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>
/// What survives a crash of a <see cref="MemoryStore"/>. Several stores over one disk are several processes: the live one and zombies.
/// </summary>
public sealed class MemoryDisk
{
    internal Lock Gate { get; } = new();

    internal uint Epoch { get; set; }

    internal Dictionary<string, StoredSeries> Series { get; } = new(StringComparer.Ordinal);

    internal Dictionary<(ushort Series, string Field), ushort> Fields { get; } = [];

    internal Dictionary<(ushort Series, UInt128 Hash), StoredKey> Keys { get; } = [];

    internal Dictionary<string, StoredIncarnation> Incarnations { get; } = new(StringComparer.Ordinal);

    internal HashSet<FlushId> Ledger { get; } = [];

    internal FlushVector Committed { get; set; }

    internal List<StoredBlock> Blocks { get; } = [];

    internal SortedDictionary<(uint Epoch, ulong Flush), Manifest> Manifests { get; } = [];

    internal Dictionary<ushort, long> CompleteFrom { get; } = [];

    internal long BarsCutoff { get; set; }

    internal SortedDictionary<(ushort Series, long RollupNs, uint KeyId, long Bucket), StoredBar> Bars { get; } = [];

    internal SortedDictionary<(int Partition, ulong Id), OutboxEntry> Outbox { get; } = [];

    internal ulong LastOutboxId { get; set; }

    internal Dictionary<string, (Incarnation Incarnation, long Expires)> Senders { get; } = new(StringComparer.Ordinal);

    internal Dictionary<int, string> Leases { get; } = [];

    /// <summary>Whether stores say that others write to their outbox.</summary>
    public bool HasSeveralProcesses { get; set; }

    /// <summary>Manifests not retired.</summary>
    public IReadOnlyList<Manifest> Unretired
    {
        get
        {
            lock (Gate) return [.. Manifests.Values];
        }
    }

    /// <summary>Every bar of a series in its present granularity, by key and bucket.</summary>
    public IReadOnlyList<(uint KeyId, Bar Bar)> BarsOf(Series series)
    {
        lock (Gate)
        {
            return [.. Bars.Where(bar => bar.Key.Series == series.Id && bar.Key.RollupNs == series.Model.Spec.RollupNs)
                .Select(bar => (bar.Key.KeyId, bar.Value.As(series)))];
        }
    }

    /// <summary>The bar of a bucket, or null.</summary>
    public Bar? BarOf(Series series, uint keyId, long bucketStart)
    {
        lock (Gate) return Bars.GetValueOrDefault((series.Id, series.Model.Spec.RollupNs, keyId, bucketStart))?.As(series);
    }

    /// <summary>Every outbox entry in the order written.</summary>
    public IReadOnlyList<OutboxEntry> OutboxEntries
    {
        get
        {
            lock (Gate) return [.. Outbox.Values.OrderBy(entry => entry.Id)];
        }
    }
}

internal sealed record StoredSeries(ushort Id, SeriesSpec Spec, Rebuild Rebuild);

internal sealed record StoredBlock(FlushId Flush, EncodedBlock Block, byte[] Bytes);

internal sealed record StoredBar(Bar Bar, StoredMetric[] Metrics)
{
    /// <summary>As it reads under the metrics of a series: those that it was written without are absent.</summary>
    public Bar As(Series series)
    {
        var metrics = StoredMetric.AllOf(series);
        var values = new long[metrics.Length];
        ulong present = 0;
        for (var i = 0; i < metrics.Length; i++)
        {
            var at = Array.IndexOf(Metrics, metrics[i]);
            if (at < 0 || !Bar.Has(at)) continue;
            values[i] = Bar.Values[at];
            present |= 1UL << i;
        }

        return Bar with { Values = values, Present = present };
    }
}

/// <summary>What makes a metric the same one: a metric that computes something else is another.</summary>
internal sealed record StoredMetric(string Name, string? Field, string Aggregation, FieldType Type)
{
    public static StoredMetric[] AllOf(Series series) =>
        [.. series.Model.Spec.Metrics.Select(m => new StoredMetric(m.Name, m.Field, m.Aggregation, m.Type))];
}
