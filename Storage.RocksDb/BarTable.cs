using System.Buffers;
using System.Runtime.CompilerServices;
using RocksDbSharp;
using Tikr.Core.Rollup;

namespace Tikr.Storage.RocksDb;

/// <summary>Bars, written by compare-and-set together with their outbox entries.</summary>
internal sealed class BarTable(RocksDbDatabase database, BarCodec codec, BarRetention retention, Outbox outbox) : IBarStore, IDisposable
{
    private const int BarsPerStep = 128;

    private readonly WriteBatch _batch = new();
    private readonly BarOrder _order = new();
    private readonly BarHorizons _horizons = new(database);
    private readonly ArrayBufferWriter<byte> _value = new(256);
    private readonly List<(int Partition, OutboxSize Added)> _published = [];

    // Bars of the key at hand that this batch has put already: writes come key by key, so they are few.
    private readonly List<(BarKey Key, Bar Bar)> _written = [];

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken cancellation)
    {
        lock (retention.Gate)
        {
            try
            {
                if (Prepare(writes, results.Span)) outbox.Write(_batch, acknowledges: true, _published);
            }
            catch
            {
                // Their place in the store would otherwise never be noted there, and after a restart a late tick would replace them.
                _horizons.Forget();
                throw;
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Bar?> FindAsync(Series series, uint keyId, long bucketStart, CancellationToken cancellation) =>
        ValueTask.FromResult(bucketStart < retention.Cutoff
            ? null : Find(series, new BarKey(series.Id, series.Model.Spec.RollupNs, keyId, bucketStart)));

    /// <inheritdoc/>
    public async IAsyncEnumerable<Bar> ReadAsync(
        Series series, uint keyId, long fromNs, long toNs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using var lease = new IteratorLease(database, Family.Bars);
        var start = new BarKey(series.Id, series.Model.Spec.RollupNs, keyId, Math.Max(0, Math.Max(fromNs, retention.ExpiredBeforeNs)));
        var some = new List<Bar>(BarsPerStep);
        var found = lease[0].Seek(start.ToArray());
        while (found)
        {
            cancellation.ThrowIfCancellationRequested();
            some.Clear();
            found = ReadSome(lease[0], series, start, toNs, some);
            lease.Park();
            foreach (var bar in some)
            {
                if (bar.BucketStart >= retention.ExpiredBeforeNs) yield return bar;
            }

            if (!found) yield break;
            lease[0].Resume();
            found = lease[0].IsValid;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    /// <summary>Puts into the batch what is to be stored; false if nothing is.</summary>
    private bool Prepare(IReadOnlyList<BarWrite> writes, Span<BarWriteResult> results)
    {
        _batch.Clear();
        _written.Clear();
        _published.Clear();
        _order.Sort(writes);
        var stored = 0;
        using var usage = database.Use();
        foreach (var i in _order.Indexes)
        {
            results[i] = Write(writes[i], usage.Families);
            if (results[i].Outcome == BarWriteOutcome.Stored) stored++;
        }

        if (_published.Count > 0) outbox.BarIds.Put(_batch);
        return stored > 0;
    }

    private BarWriteResult Write(in BarWrite write, ColumnFamilySet families)
    {
        var series = write.Series;
        var key = new BarKey(series.Id, series.Model.Spec.RollupNs, write.KeyId, write.Bar.BucketStart);
        if (key.Bucket < retention.Cutoff) return new BarWriteResult(BarWriteOutcome.Expired, null);
        var stored = FindWritten(key) ?? (_horizons.IsNew(key) ? null : Find(series, key));
        if (stored is not null && stored.SameContent(write.Bar)) return new BarWriteResult(BarWriteOutcome.Unchanged, stored);
        if ((stored?.Revision ?? -1) != write.ExpectedRevision) return new BarWriteResult(BarWriteOutcome.Conflict, stored);

        var bar = write.Bar.Revision == write.ExpectedRevision + 1 ? write.Bar : write.Bar with { Revision = write.ExpectedRevision + 1 };
        Span<byte> name = stackalloc byte[BarKey.Length];
        key.Write(name);
        _value.ResetWrittenCount();
        codec.Write(_value, series.Id, bar);
        _batch.Put(name, _value.WrittenSpan, families.Bars);
        _horizons.Add(key, _batch);
        var outboxId = write.OutboxPartition < 0
            ? 0 : outbox.Put(_batch, families.Outbox, write.OutboxPartition, key, _value.WrittenSpan, _published);
        _written.Add((key, bar));
        return new BarWriteResult(BarWriteOutcome.Stored, bar, outboxId);
    }

    private Bar? FindWritten(in BarKey key)
    {
        if (_written.Count > 0 && !_written[^1].Key.SameGroup(key)) _written.Clear();
        for (var i = _written.Count - 1; i >= 0; i--)
        {
            if (_written[i].Key == key) return _written[i].Bar;
        }

        return null;
    }

    /// <summary>Reads some bars on; false when the last one has been read.</summary>
    private bool ReadSome(IteratorLease.Cursor cursor, Series series, in BarKey start, long toNs, List<Bar> into)
    {
        for (var found = true; found; found = cursor.Next())
        {
            var key = BarKey.Read(cursor.Key);
            if (!key.SameGroup(start) || key.Bucket >= toNs) return false;
            if (into.Count == BarsPerStep) return true;
            into.Add(codec.Read(cursor.Value, series, key.Bucket));
        }

        return false;
    }

    private Bar? Find(Series series, in BarKey key)
    {
        Span<byte> name = stackalloc byte[BarKey.Length];
        key.Write(name);
        return database.Get(Family.Bars, name) is { } value ? codec.Read(value, series, key.Bucket) : null;
    }
}
