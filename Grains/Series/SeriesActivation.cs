using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Buckets;
using Tikr.Grains.Recompute;
using Tikr.Storage;

namespace Tikr.Grains.Series;

/// <summary>
/// What a series grain holds while it is active: inbox, buckets, timer. All members but <see cref="TryPost"/> run in the grain's turns.
/// </summary>
internal sealed partial class SeriesActivation
{
    private static readonly Action<object> DrainInbox = static state => ((SeriesActivation)state).Drain();
    private readonly Inbox _inbox = new();
    private readonly SeriesServices _services;
    private readonly SeriesKey _key;
    private readonly KeyBuckets _buckets;
    private readonly IGrainBase _grain;
    private IGrainTimer? _timer;
    private BucketWrite? _spareWrite;
    private InternedKey? _routed;
    private uint _keyId;
    private int _open;
    private long _armed = long.MaxValue;
    private long _idleSince;
    private bool _inIdleLine, _released;

    public SeriesActivation(IGrainBase grain, SeriesKey key, SeriesHandle series, SeriesServices services)
    {
        (_grain, _key, Series, _services) = (grain, key, series, services);
        _buckets = new KeyBuckets(series, this, services.BucketOptions);
    }

    public SeriesHandle Series { get; }

    /// <summary>Whether it takes no more; once true, for ever.</summary>
    public bool IsReleased => Volatile.Read(ref _released);

    public IGrainContext Context => _grain.GrainContext;

    /// <summary>Begins to take deliveries.</summary>
    public void Start()
    {
        _services.Metrics.ActiveKeysChanged(1);
        _services.Registry.Add(_key, this);
        StandInIdleLine(_services.NowNs);
    }

    /// <summary>Posts a partial from any thread; false if the activation is going away.</summary>
    public bool TryPost(InboxNode node)
    {
        if (!_inbox.TryPost(node, out var first)) return false;
        if (first) Context.Scheduler.QueueAction(DrainInbox, this);
        return true;
    }

    /// <summary>Takes partials that came by a grain call.</summary>
    public void Merge(uint keyId, Partial[] partials)
    {
        ObjectDisposedException.ThrowIf(_released, this);
        _keyId = keyId;
        var clock = _services.Clock();
        foreach (var partial in partials) _buckets.Apply(partial, clock);
        Arm();
    }

    /// <summary>Closes what is due; called by the timer and the sweep.</summary>
    public void CloseDue()
    {
        _armed = long.MaxValue;
        if (_released) return;
        _buckets.CloseDue(_services.Clock());
        Arm();
    }

    /// <summary>Deactivates the grain if it has been idle for long enough.</summary>
    public void ReleaseIfIdle()
    {
        _inIdleLine = false;
        if (_released || _open > 0) return;
        if (_idleSince + _services.Options.IdleTimeout.ToNanoseconds() > _services.NowNs) StandInIdleLine(_idleSince);
        else if (_inbox.TryCloseEmpty()) Release(deactivate: true);
        else StandInIdleLine(_services.NowNs);
    }

    /// <summary>The grain goes away: open buckets are forgotten here and recomputed from stored ticks by whoever comes next.</summary>
    public void Stop()
    {
        if (_released) return;
        var nodes = _inbox.Close();
        while (nodes is not null)
        {
            var returned = nodes;
            nodes = nodes.Next;
            returned.Return();
        }

        Release(deactivate: false);
    }

    /// <summary>A write has been answered and may be used again.</summary>
    public void Return(BucketWrite write) => _spareWrite = write;

    public void Written(Bucket bucket, in BarWriteResult result)
    {
        _buckets.Written(bucket, result);
        Arm();
    }

    public void Recomputed(Bucket bucket, in RecomputeResult result)
    {
        _buckets.Recomputed(bucket, result);
        Arm();
    }

    public void Failed(Bucket bucket)
    {
        _buckets.Failed(bucket, _services.NowNs);
        Arm();
    }

    /// <summary>Bars of the open buckets: at once where there is a state, as recomputes to await where not.</summary>
    public void ReadOpen(long fromNs, long toNs, List<Bar> bars, List<RecomputeOnce> scans)
    {
        foreach (var bucket in _buckets.OpenBuckets(fromNs, toNs))
        {
            if (bucket.State is { } state)
            {
                bars.Add(Series.Plan.ToBar(state, bucket.Start, out _));
                continue;
            }

            var scan = new RecomputeOnce(Series, _keyId, bucket.Start, RecomputeCause.Query);
            _services.Recompute.Enqueue(scan);
            scans.Add(scan);
        }
    }

    // A delivery is answered when its buckets are merged and their close is arranged.
    private void Drain()
    {
        var clock = _services.Clock();
        var nodes = _inbox.TakeAll();
        for (var node = nodes; node is not null; node = node.Next) Apply(node, clock);
        Arm();
        while (nodes is not null)
        {
            var answered = nodes;
            nodes = nodes.Next;
            answered.Answer();
        }
    }

    private void Apply(InboxNode node, in CloseClock clock)
    {
        try
        {
            _routed = node.Delivery.Key;
            _keyId = _routed.KeyId;
            _buckets.Apply(node.Delivery.Partial, clock);
        }
        catch (Exception error)
        {
            node.Error = error;
        }
    }

    private void Arm()
    {
        if (_released) return;
        var next = _buckets.NextDue;
        if (next >= _armed) return;
        _armed = next;
        var pause = next - _services.NowNs;
        if (pause <= 0 || _services.Registry.OpenKeys > _services.Options.ActiveTimerLimit)
        {
            _services.Sweep.Register(next, this);
            return;
        }

        // Interleaved: the callback only starts writes, and must not wait for a grain call that itself waits for the store.
        _timer ??= _grain.RegisterGrainTimer(
            static (activation, _) =>
            {
                activation.CloseDue();
                return Task.CompletedTask;
            },
            this,
            new GrainTimerCreationOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan, Interleave = true });
        _timer.Change(Nanoseconds.Pause(pause) + _services.Options.CloseSlack, Timeout.InfiniteTimeSpan);
    }

    private void StandInIdleLine(long since)
    {
        _idleSince = since;
        if (_inIdleLine) return;
        _inIdleLine = true;
        _services.Idle.Add(this, since + _services.Options.IdleTimeout.ToNanoseconds());
    }

    private void Release(bool deactivate)
    {
        _released = true;
        _services.Registry.Remove(_key, this);

        // An idle key may outlive its activation by minutes, and must not keep it.
        if (_routed is { } key && ReferenceEquals(key.Route, this)) key.Route = null;
        _services.Metrics.ActiveKeysChanged(-1);
        if (_open > 0)
        {
            _services.Metrics.OpenBarsChanged(-_open);
            _services.Registry.OpenKeysChanged(-1);
        }

        if (deactivate) _grain.DeactivateOnIdle();
    }
}
