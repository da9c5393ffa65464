using System.Buffers;
using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>
/// Outbox entries of one transaction. Their ids are drawn in it, after whatever they tell of has been written: so a bar's later revision,
/// which is written only after the earlier one is visible, has the greater id.
/// </summary>
internal sealed class OutboxRows(TimescaleDatabase database)
{
    private readonly CopyBuffer _copy = new();
    private readonly ArrayBufferWriter<byte> _bar = new(256);
    private readonly List<Row> _rows = [];

    private string Copy { get; } =
        $"COPY {database.Schema}.outbox (partition, id, series_id, rollup_ns, key_id, bucket_ns, bar) FROM STDIN (FORMAT BINARY)";

    private string Ids { get; } =
        $"SELECT nextval(pg_get_serial_sequence({Sql.Literal($"{database.Schema}.outbox")}, 'id')) FROM generate_series(1, $1)";

    /// <summary>Begins the entries of a transaction.</summary>
    public void Begin()
    {
        _rows.Clear();
        _bar.ResetWrittenCount();
    }

    /// <summary>Adds the bar of a write, which is known by its index.</summary>
    public void Add(int write, int partition, TimescaleSeries series, uint keyId, Bar bar, int revision)
    {
        var from = _bar.WrittenCount;
        OutboxCodec.Write(_bar, series, bar, revision);
        _rows.Add(
            new Row(write, partition, series.Series.Id, series.RollupNs, keyId, bar.BucketStart, from, _bar.WrittenCount - from));
    }

    /// <summary>Adds late ticks.</summary>
    public void Add(in RoutedRecord ticks, ReadOnlySpan<byte> request)
    {
        var from = _bar.WrittenCount;
        _bar.Write(request);
        _rows.Add(new Row(-1, ticks.Partition, ticks.SeriesId, 0, ticks.KeyId, ticks.TimeNs, from, request.Length));
    }

    /// <summary>Sends the entries, in the transaction of what they tell of, and tells the id that each write's entry got.</summary>
    public async Task SendAsync(NpgsqlConnection connection, Action<int, ulong>? numbered, CancellationToken stop)
    {
        if (_rows.Count == 0) return;
        var ids = await connection.Command(Ids).With(_rows.Count).ListAsync(reader => reader.GetInt64(0), stop).ConfigureAwait(false);
        _copy.Clear();
        for (var i = 0; i < _rows.Count; i++)
        {
            var row = _rows[i];
            _copy.BeginRow(7);
            _copy.Int32(row.Partition);
            _copy.Int64(ids[i]);
            _copy.Int32(row.SeriesId);
            _copy.Int64(row.RollupNs);
            _copy.Int64(row.KeyId);
            _copy.Int64(row.TimeNs);
            _copy.Bytes(_bar.WrittenSpan.Slice(row.From, row.Length));
        }

        await _copy.SendAsync(connection, Copy, stop).ConfigureAwait(false);
        if (numbered is null) return;
        for (var i = 0; i < _rows.Count; i++) numbered(_rows[i].Write, (ulong)ids[i]);
    }

    private readonly record struct Row(
        int Write, int Partition, ushort SeriesId, long RollupNs, uint KeyId, long TimeNs, int From, int Length);
}
