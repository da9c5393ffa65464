using System.Buffers;
using System.Runtime.CompilerServices;
using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Series;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>Bars waiting to be published, by partition and ascending id.</summary>
internal sealed class Outbox(TimescaleDatabase database, SeriesRegistry registry)
{
    private const int PageRows = 512;
    private readonly CopyBuffer _copy = new();
    private readonly ArrayBufferWriter<byte> _bar = new(256);

    private string Copy { get; } = $"COPY {database.Schema}.outbox (partition, series_id, rollup_ns, key_id, bucket_ns, bar) FROM STDIN (FORMAT BINARY)";

    private string Page { get; } =
        $"SELECT id, series_id, key_id, bucket_ns, bar FROM {database.Schema}.outbox WHERE partition = $1 AND id > $2 ORDER BY id LIMIT {PageRows}";

    /// <summary>Begins the entries of one group of bars; under the gate of the bar table.</summary>
    public void Begin() => _copy.Clear();

    /// <summary>Adds an entry.</summary>
    public void Add(int partition, SeriesTables series, uint keyId, Bar bar, int revision)
    {
        _bar.ResetWrittenCount();
        OutboxCodec.Write(_bar, series, bar, revision);
        _copy.BeginRow(6);
        _copy.Int32(partition);
        _copy.Int32(series.Handle.SeriesId);
        _copy.Int64(series.RollupNs);
        _copy.Int64(keyId);
        _copy.Int64(bar.BucketStart);
        _copy.Bytes(_bar.WrittenSpan);
    }

    /// <summary>Sends the entries, in the transaction of their bars.</summary>
    public Task SendAsync(NpgsqlConnection connection, CancellationToken stop) => _copy.Rows == 0 ? Task.CompletedTask : _copy.SendAsync(connection, Copy, stop);

    public async IAsyncEnumerable<OutboxEntry> ReadAsync(int partition, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = 0L;
        List<(long Id, OutboxEntry? Entry)> page;
        do
        {
            page = await database.ReadAsync("read the outbox", (connection, stop) => connection.Command(Page).With(partition).With(last).ListAsync(Read, stop), cancellation)
                .ConfigureAwait(false);
            foreach (var (id, entry) in page)
            {
                if (entry is not null) yield return entry;
                last = id;
            }
        }
        while (page.Count == PageRows);
    }

    public Task DeleteAsync(int partition, IReadOnlyList<ulong> ids, CancellationToken cancellation) => ids.Count == 0
        ? Task.CompletedTask
        : database.WriteAsync("delete outbox entries", (connection, stop) => connection.Command($"DELETE FROM {database.Schema}.outbox WHERE partition = $1 AND id = ANY ($2)")
            .With(partition).With<long[]>([.. ids.Select(id => (long)id)]).RunAsync(stop), cancellation);

    /// <summary>An entry of a series that is not configured now waits until it is again.</summary>
    private (long, OutboxEntry?) Read(NpgsqlDataReader reader)
    {
        var (id, keyId, bucket) = (reader.GetInt64(0), (uint)reader.GetInt64(2), reader.GetInt64(3));
        if (registry.Find((ushort)reader.GetInt32(1)) is not { } series) return (id, null);
        return (id, new OutboxEntry((ulong)id, series.Handle, keyId, OutboxCodec.Read(reader.GetFieldValue<byte[]>(4), series, bucket)));
    }
}
