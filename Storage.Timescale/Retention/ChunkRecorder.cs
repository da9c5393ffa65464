using Npgsql;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Sees to it that the chunks a writer fills are recorded, each in the transaction that begins it. What it knows to be recorded it does not
/// look at again. One writer's, one transaction at a time.
/// </summary>
internal sealed class ChunkRecorder(ChunkRecords records, bool isTicks)
{
    private readonly Dictionary<string, Table> _tables = new(StringComparer.Ordinal);

    /// <summary>What is written next is another transaction's.</summary>
    public void Begin()
    {
        foreach (var table in _tables.Values) table.Begin();
    }

    /// <summary>The chunks of a table.</summary>
    public Table Of(string name)
    {
        if (!_tables.TryGetValue(name, out var table)) _tables.Add(name, table = new Table(name));
        return table;
    }

    /// <summary>Rows of a table have been sent: records their chunks if it does not know that they are.</summary>
    public async Task WroteAsync(NpgsqlConnection connection, Table table, CancellationToken stop)
    {
        if (table.HasUnknown) table.Found(await records.RecordAsync(connection, [table.Name], isTicks, stop).ConfigureAwait(false));
    }

    /// <summary>The transaction is committed.</summary>
    public void Committed()
    {
        foreach (var table in _tables.Values) table.Committed();
    }

    /// <summary>What is known of the chunks of one table.</summary>
    internal sealed class Table(string name)
    {
        private List<(long Start, long End)> _known = [];
        private List<(long Start, long End)>? _found;
        private (long Start, long End) _last;

        public string Name => name;

        /// <summary>Whether a row goes into a chunk that is not known to be recorded.</summary>
        public bool HasUnknown { get; private set; }

        public void Begin() => (HasUnknown, _found) = (false, null);

        /// <summary>A row with this partition time is written.</summary>
        public void Note(long timeNs)
        {
            if (timeNs >= _last.Start && timeNs < _last.End) return;
            var range = _known.Find(range => timeNs >= range.Start && timeNs < range.End);
            if (range.End == 0) HasUnknown = true;
            else _last = range;
        }

        /// <summary>All of its chunks as the transaction sees and has recorded them.</summary>
        public void Found(List<(long Start, long End)> ranges) => _found = ranges;

        public void Committed()
        {
            if (_found is not null) _known = _found;
            Begin();
        }
    }
}
