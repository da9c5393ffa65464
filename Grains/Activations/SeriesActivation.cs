using Tikr.Core.Delivery;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Buckets;
using Tikr.Grains.Recompute;
using Tikr.Storage;

namespace Tikr.Grains.Activations;

/// <summary>
/// What a series grain holds while it is active: its buckets and what wakes them. Deliveries of this silo's gateway and answers of the
/// store come on whatever thread has them, past the grain's turns, since a turn costs more than the work; the buckets are locked instead.
/// Nothing blocks under the lock.
/// </summary>
internal sealed partial class SeriesActivation : IPartialTarget
{
    private readonly SeriesServices _services;
    private readonly SeriesKey _key;

    // Also the lock: one object less for each of very many keys.
    private readonly KeyBuckets _buckets;
    private readonly IGrainBase _grain;
    private BucketWrite? _spareWrite;
    private InternedKey? _routed;
    private uint _keyId;
    private int _open;
    private long _idleSince;
    private int _division;
    private bool _inIdleLine, _released, _isOwned;

    public SeriesActivation(IGrainBase grain, SeriesKey key, Series series, SeriesServices services)
    {
        _grain = grain;
        _key = key;
        Series = series;
        _services = services;
        _buckets = new KeyBuckets(series, this, services.BucketOptions);
    }

    public Series Series { get; }

    /// <summary>Number of the key; 0 until something has been delivered.</summary>
    public uint KeyId => Volatile.Read(ref _keyId);

    /// <summary>Whether it takes no more; once true, for ever.</summary>
    public bool IsReleased => Volatile.Read(ref _released);

    /// <summary>Begins to take deliveries.</summary>
    public void Start()
    {
        _services.Metrics.ActiveKeysChanged(1);
        _services.Registry.Add(_key, this);
        lock (_buckets) StandInIdleLine(_services.NowNs);
    }

    /// <summary>Takes a partial from the gateway of this silo; false if the activation is going away.</summary>
    public bool TryApply(in Delivery delivery, in CloseClock clock)
    {
        lock (_buckets)
        {
            if (_released || !IsOwned) return false;
            _routed = delivery.Key;
            _keyId = _routed.KeyId;
            _buckets.Apply(delivery.Partial, clock);
            Arm();
            return true;
        }
    }

    /// <summary>Takes a partial from the gateway of another silo, which keeps it; false if the activation is going away.</summary>
    public bool TryApply(uint keyId, Partial partial, in CloseClock clock)
    {
        lock (_buckets)
        {
            if (_released || !IsOwned) return false;
            _keyId = keyId;
            _buckets.Apply(partial, clock);
            Arm();
            return true;
        }
    }

    /// <summary>Takes partials that came by a grain call, from a process that has a monotonic clock of its own.</summary>
    public void Merge(uint keyId, long sentNs, Partial[] partials)
    {
        lock (_buckets)
        {
            ObjectDisposedException.ThrowIf(_released, this);
            if (!IsOwned) throw Errors.NotOwner(_key.Series, _services.View.Self);
            _keyId = keyId;
            var clock = _services.Clock();
            foreach (var partial in partials)
            {
                partial.DueNs += clock.NowNs - sentNs;
                _buckets.Apply(partial, clock);
            }

            Arm();
        }
    }

    /// <summary>A gateway that is sealed now had committed flushes with ticks of a bucket, of which it may not have told.</summary>
    public void NoteSealed(long bucketStart, in FlushVector flushes)
    {
        lock (_buckets)
        {
            if (_released) return;
            _buckets.NoteSealed(bucketStart, flushes, _services.Clock());
            Arm();
        }
    }

    /// <summary>Closes what is due; called by the timer and the sweep.</summary>
    public void CloseDue()
    {
        lock (_buckets)
        {
            _armed = long.MaxValue;
            if (_released || !IsOwned) return;
            _buckets.CloseDue(_services.Clock());
            Arm();
        }
    }

    /// <summary>Deactivates the grain if it has been idle for long enough.</summary>
    public void ReleaseIfIdle()
    {
        lock (_buckets)
        {
            _inIdleLine = false;
            if (_released || _open > 0) return;
            if (_idleSince + _services.Options.IdleTimeout.ToNanoseconds() > _services.NowNs)
            {
                StandInIdleLine(_idleSince);
                return;
            }

            Release();
        }

        _grain.DeactivateOnIdle();
    }

    /// <summary>Lets the key go if it is another silo's now, which recomputes what is open.</summary>
    public void ReleaseIfForeign()
    {
        lock (_buckets)
        {
            if (_released || IsOwned) return;
            Release();
        }

        _grain.DeactivateOnIdle();
    }

    /// <summary>The grain goes away: open buckets are forgotten here and recomputed from stored ticks by whoever comes next.</summary>
    public void Stop()
    {
        lock (_buckets)
        {
            if (!_released) Release();
        }
    }

    public void Written(BucketWrite write, Bucket bucket, in BarWriteResult result)
    {
        lock (_buckets)
        {
            _spareWrite = write;
            _buckets.Written(bucket, result);
            Arm();
        }
    }

    public void Recomputed(Bucket bucket, in RecomputeResult result)
    {
        lock (_buckets)
        {
            _buckets.Recomputed(bucket, result);
            Arm();
        }
    }

    public void Failed(BucketWrite? write, Bucket bucket)
    {
        lock (_buckets)
        {
            if (write is not null) _spareWrite = write;
            _buckets.Failed(bucket, _services.NowNs);
            Arm();
        }
    }

    /// <summary>Bars of the open buckets: at once where there is a state, as recomputes to await where not.</summary>
    public void ReadOpen(long fromNs, long toNs, List<Bar> bars, List<RecomputeOnce> scans)
    {
        lock (_buckets)
        {
            foreach (var bucket in _buckets.OpenBuckets(fromNs, toNs))
            {
                if (bucket.State is { } state) bars.Add(Series.Model.ToBar(state, bucket.Start, out _));
                else scans.Add(new RecomputeOnce(Series, _keyId, bucket.Start, RecomputeCause.Query));
            }
        }

        foreach (var scan in scans) _services.Recompute.Enqueue(scan);
    }

    // Looked up once for each division of the keys.
    private bool IsOwned
    {
        get
        {
            var division = _services.View.Now;
            if (division.IsAlone) return true;
            if (_division != division.Number) (_division, _isOwned) = (division.Number, division.IsMine(_key.Hash));
            return _isOwned;
        }
    }

    private void StandInIdleLine(long since)
    {
        _idleSince = since;
        if (_inIdleLine) return;
        _inIdleLine = true;
        _services.Idle.Add(this, since + _services.Options.IdleTimeout.ToNanoseconds());
    }

    private void Release()
    {
        Volatile.Write(ref _released, true);
        _services.Registry.Remove(_key, this);

        // An idle key may outlive its activation by minutes, and must not keep it.
        if (_routed is { } key && ReferenceEquals(key.Target, this)) key.Target = null;
        _services.Metrics.ActiveKeysChanged(-1);
        if (_open == 0) return;
        _services.Metrics.OpenBarsChanged(-_open);
        _services.Registry.OpenKeysChanged(-1);
    }
}
