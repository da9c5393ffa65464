using Npgsql;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Sees to it that the chunks a writer fills are recorded, each in the transaction that begins it. What it knows to be recorded it does not
/// look at again. One writer's, one transaction at a time.
/// </summary>
internal sealed class ChunkRecorder(ChunkRecords records, bool isTicks)
{
    private readonly Dictionary<string, List<(long Start, long End)>> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(long Start, long End)>> _pending = new(StringComparer.Ordinal);

    /// <summary>A transaction begins.</summary>
    public void Begin() => _pending.Clear();

    /// <summary>Rows were written into a table, with partition times from one to another, both included.</summary>
    public async Task WroteAsync(NpgsqlConnection connection, string table, long firstNs, long lastNs, CancellationToken stop)
    {
        if (IsKnown(table, firstNs, lastNs)) return;
        _pending[table] = await records.RecordAsync(connection, [table], isTicks, stop).ConfigureAwait(false);
    }

    /// <summary>The transaction is committed.</summary>
    public void Committed()
    {
        foreach (var (table, ranges) in _pending) _known[table] = ranges;
        _pending.Clear();
    }

    private bool IsKnown(string table, long firstNs, long lastNs)
    {
        if (!_known.TryGetValue(table, out var ranges)) return false;
        var at = firstNs;
        while (ranges.Find(range => range.Start <= at && at < range.End) is { End: > 0 } range)
        {
            if (lastNs < range.End) return true;
            at = range.End;
        }

        return false;
    }
}
