using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Knows without looking that a bar is not stored yet, which is so for nearly every bar written: it is newer than the newest of its key.
/// Guarded by <see cref="BarRetention.Gate"/>, as all writes of bars are.
/// </summary>
internal sealed class BarHorizons(RocksDbDatabase database)
{
    // Beyond that the newest bars of single keys are forgotten, and the newest of all stands for each.
    private const int MaxKeys = 1_048_576;
    private readonly Dictionary<(ushort SeriesId, long RollupNs), Horizon> _horizons = [];

    /// <summary>Whether certainly no bar is stored under this key.</summary>
    public bool IsNew(in BarKey key) => Of(key).IsNew(key);

    /// <summary>Notes a bar that is about to be written with the batch, and in the batch how far bars reach.</summary>
    public void Add(in BarKey key, WriteBatch batch)
    {
        var horizon = Of(key);
        if (horizon.Add(key)) database.PutNumber(batch, MetaKeys.BarHorizon(key.SeriesId, key.RollupNs), (ulong)key.Bucket);
    }

    /// <summary>Forgets what was noted with a batch that has not been written: how far bars reach is what the store says.</summary>
    public void Forget() => _horizons.Clear();

    private Horizon Of(in BarKey key)
    {
        ref var horizon = ref CollectionsMarshal.GetValueRefOrAddDefault(_horizons, (key.SeriesId, key.RollupNs), out _);
        return horizon ??= new Horizon((long)database.GetNumber(MetaKeys.BarHorizon(key.SeriesId, key.RollupNs)));
    }

    private sealed class Horizon(long newest)
    {
        private readonly Dictionary<uint, long> _newestOfKey = [];
        private long _floor = newest, _newest = newest;

        public bool IsNew(in BarKey key) =>
            key.Bucket > _floor && (!_newestOfKey.TryGetValue(key.KeyId, out var newest) || key.Bucket > newest);

        /// <summary>Returns whether the newest bar of all has changed.</summary>
        public bool Add(in BarKey key)
        {
            ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newestOfKey, key.KeyId, out _);
            newest = Math.Max(newest, key.Bucket);
            var raised = key.Bucket > _newest;
            if (raised) _newest = key.Bucket;
            if (_newestOfKey.Count <= MaxKeys) return raised;
            _newestOfKey.Clear();
            _floor = _newest;
            return raised;
        }
    }
}
