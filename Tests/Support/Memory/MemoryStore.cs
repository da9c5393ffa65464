using System.Text;
using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>
/// The store contracts in memory, to the letter. What is durable lives on a <see cref="MemoryDisk"/>; <see cref="Crash"/> makes this store
/// answer nothing any more, and another one over the same disk goes on.
/// </summary>
public sealed partial class MemoryStore
    : ISeriesCatalog, IRebuildStore, IKeyStore, ITickStore, IBarStore, IOutbox, IReapable, IStoreStatistics, IIncarnations
{
    private readonly Dictionary<Series, TickBlockReader> _readers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ushort, Series> _open = [];
    private readonly TimeProvider _time;
    private bool _crashed;

    /// <summary>Makes a store over a disk.</summary>
    public MemoryStore(MemoryDisk? disk = null, TimeProvider? time = null)
    {
        Disk = disk ?? new MemoryDisk();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>What is durable.</summary>
    public MemoryDisk Disk { get; }

    /// <summary>Where a test reaches in.</summary>
    public MemoryStoreFaults Faults { get; } = new();

    /// <summary>How long ticks are kept; null for ever.</summary>
    public TimeSpan? TickTtl { get; init; }

    /// <summary>How long bars are kept; null for ever.</summary>
    public TimeSpan? BarTtl { get; init; }

    TimeSpan ITickStore.TicksTtl => TickTtl ?? TimeSpan.MaxValue;

    /// <inheritdoc/>
    public string? IngestBlockedReason { get; set; }

    private Lock Gate => Disk.Gate;

    private long NowNs => _time.GetUnixNanoseconds();

    /// <summary>The process is gone: whatever is asked of this store from now on fails.</summary>
    public void Crash()
    {
        lock (Gate) _crashed = true;
    }

    /// <summary>Whether its process is gone.</summary>
    public bool HasCrashed
    {
        get
        {
            lock (Gate) return _crashed;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Series>> OpenAsync(IReadOnlyList<SeriesModel> models, CancellationToken cancellation)
    {
        return new(Attempt<IReadOnlyList<Series>>(StoreWrite.Catalog, () =>
        {
            var errors = new List<string>();
            foreach (var model in models) CheckFits(model, errors);
            if (errors.Count > 0) throw new StoreRefusedException(string.Join(Environment.NewLine, errors));
            return models.Select(Register).ToList();
        }));
    }

    /// <inheritdoc/>
    public ValueTask ResolveAsync(Series series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation)
    {
        if (keys.Count == 0) return default;
        Attempt(StoreWrite.Keys, () =>
        {
            foreach (var key in keys) Resolve(series, key);
        });
        return default;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredKey> ListAsync(
        Series series, string?[] match, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        Faults.OnListKeys?.Invoke();
        List<StoredKey> keys;
        lock (Gate)
        {
            CheckAlive();
            keys = [.. Disk.Keys.Where(key => key.Key.Series == series.Id).Select(key => key.Value)];
        }

        await Task.CompletedTask;
        keys.Sort(CompareByUtf8);
        foreach (var key in keys)
        {
            cancellation.ThrowIfCancellationRequested();
            if (match.Zip(key.Dimensions.Values).All(pair => pair.First is null || pair.First == pair.Second)) yield return key;
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoredKey?> FindAsync(Series series, DimensionSet dimensions, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            var found = Disk.Keys.GetValueOrDefault((series.Id, dimensions.Hash));
            return new(found is not null && found.Dimensions.Equals(dimensions) ? found : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredKey>> FindByIdAsync(
        Series series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            return new(Disk.Keys.Where(key => key.Key.Series == series.Id && keyIds.Contains(key.Value.KeyId))
                .Select(key => key.Value).ToList());
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Read()
    {
        lock (Gate)
        {
            return new Dictionary<string, long>
            {
                ["ticks_bytes"] = Disk.Blocks.Sum(block => (long)block.Bytes.Length),
                ["tick_blocks"] = Disk.Blocks.Count,
                ["bars"] = Disk.Bars.Count,
                ["manifests"] = Disk.Manifests.Count,
                ["keys"] = Disk.Keys.Count,
            };
        }
    }

    /// <inheritdoc/>
    public Rebuild RebuildOf(Series series)
    {
        lock (Gate) return Disk.Series[series.Name].Rebuild;
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(Series series, Rebuild rebuild, CancellationToken cancellation)
    {
        Attempt(StoreWrite.Rebuild, () => Disk.Series[series.Name] = Disk.Series[series.Name] with { Rebuild = rebuild });
        return default;
    }

    private void CheckFits(SeriesModel model, List<string> errors)
    {
        if (!Disk.Series.TryGetValue(model.Name, out var stored)) return;
        var dimensions = stored.Spec.Dimensions.Select(dimension => dimension.Name);
        if (!dimensions.SequenceEqual(model.Spec.Dimensions.Select(dimension => dimension.Name)))
            errors.Add(SpecRefusals.DimensionsChanged(model, dimensions));
        foreach (var field in new SeriesModel(stored.Spec).Fields)
        {
            if (model.Fields.FirstOrDefault(now => now.Name == field.Name) is { } now && now.Type != field.Type)
                errors.Add(SpecRefusals.FieldTypeChanged(model, now, field.Type));
        }
    }

    private Series Register(SeriesModel model)
    {
        var id = Disk.Series.TryGetValue(model.Name, out var stored) ? stored.Id : (ushort)(Disk.Series.Count + 1);
        var rebuild = stored is null ? default
            : new SeriesModel(stored.Spec).BarDefinition == model.BarDefinition ? stored.Rebuild
            : Rebuild.After(model, NowNs, StoredTimesOf(id));
        Disk.Series[model.Name] = new StoredSeries(id, model.Spec, rebuild);
        var fields = model.Fields.Select(field =>
        {
            if (!Disk.Fields.TryGetValue((id, field.Name), out var fieldId))
                Disk.Fields[(id, field.Name)] = fieldId = (ushort)(Disk.Fields.Count + 1);
            return fieldId;
        });
        return _open[id] = new Series(id, model.WithFieldIds([.. fields])) { ProvenFrom = rebuild.ProvenFrom };
    }

    private (long FromNs, long ToNs)? StoredTimesOf(ushort id)
    {
        var times = Disk.Blocks.Where(block => block.Block.SeriesId == id).Select(block => block.Block.MinTime).ToList();
        return times.Count == 0 ? null : (times.Min(), times.Max() + FlushCommit.MaxBlockSpanNs + 1);
    }

    private void Resolve(Series series, InternedKey key)
    {
        var id = (series.Id, key.Dimensions.Hash);
        if (Disk.Keys.TryGetValue(id, out var stored))
        {
            if (stored.Dimensions.Equals(key.Dimensions)) key.Resolve(stored.KeyId);
            else key.Reject(RejectionReasons.DimensionHashCollision);
            return;
        }

        var limit = series.Model.Spec.MaxKeys;
        if (limit > 0 && Disk.Keys.Keys.Count(other => other.Series == series.Id) >= limit)
        {
            key.Reject(RejectionReasons.CardinalityLimit);
            return;
        }

        Disk.Keys[id] = new StoredKey((uint)Disk.Keys.Count + 1, key.Dimensions);
        key.Resolve((uint)Disk.Keys.Count);
    }

    private void Attempt(StoreWrite what, Action write, Fault fault = Fault.None) => Attempt(what, () =>
    {
        write();
        return true;
    }, fault);

    // A write goes well, or as whoever is asked says.
    private T Attempt<T>(StoreWrite what, Func<T> write, Fault fault = Fault.None)
    {
        if (fault == Fault.None) fault = Faults.OnAnyWrite?.Invoke(what) ?? Fault.None;
        lock (Gate)
        {
            CheckAlive();
            _crashed = fault == Fault.CrashBefore;
            if (fault is Fault.NotDone or Fault.CrashBefore) throw new StoreUnavailableException($"{what} failed on request.");
            if (what is not (StoreWrite.Commit or StoreWrite.Catalog or StoreWrite.Keys)) CheckNotSealed();
            var done = write();
            _crashed = fault == Fault.CrashAfter;
            return fault == Fault.None ? done : throw new StoreUnavailableException($"The answer to {what} was lost on request.");
        }
    }

    private void CheckAlive()
    {
        if (_crashed) throw new StoreUnavailableException("The process of this store has crashed.");
    }

    private static int CompareByUtf8(StoredKey left, StoredKey right)
    {
        for (var i = 0; i < left.Dimensions.Values.Length; i++)
        {
            var order = Encoding.UTF8.GetBytes(left.Dimensions.Values[i]).AsSpan()
                .SequenceCompareTo(Encoding.UTF8.GetBytes(right.Dimensions.Values[i]));
            if (order != 0) return order;
        }

        return 0;
    }
}
