using Tikr.Core.Delivery;
using Tikr.Storage;

namespace Tikr.Grains.Buckets;

/// <summary>Last flush per epoch: which commits of a bucket are known, or covered. A value: a copy is a snapshot.</summary>
internal readonly struct AppliedFlushes
{
    private readonly FlushId _first;
    private readonly FlushId[]? _others;

    private AppliedFlushes(FlushId first, FlushId[]? others) => (_first, _others) = (first, others);

    /// <summary>How many epochs.</summary>
    public int Count => _first.Epoch == 0 ? 0 : 1 + (_others?.Length ?? 0);

    /// <summary>One epoch's last flush.</summary>
    public FlushId this[int index] => index == 0 ? _first : _others![index - 1];

    /// <summary>Last flush of an epoch; 0 if none.</summary>
    public ulong Of(uint epoch)
    {
        if (_first.Epoch == epoch) return _first.Flush;
        if (_others is null) return 0;
        foreach (var other in _others)
        {
            if (other.Epoch == epoch) return other.Flush;
        }

        return 0;
    }

    /// <summary>Whether every flush is of a live gateway, and all of one: then a state can hold them all.</summary>
    public bool AreAllOf(LiveGatewaySet gateways) => Count == 0 || (Count == 1 && gateways.IsLive(_first.Epoch));

    /// <summary>The same with a flush added; lower flushes of its epoch are implied.</summary>
    public AppliedFlushes With(FlushId flush)
    {
        if (flush.Epoch == 0) return this;
        if (_first.Epoch == 0 || _first.Epoch == flush.Epoch)
            return new AppliedFlushes(flush with { Flush = Math.Max(flush.Flush, _first.Flush) }, _others);
        var index = _others is null ? -1 : Array.FindIndex(_others, other => other.Epoch == flush.Epoch);
        if (index < 0) return new AppliedFlushes(_first, [.. _others ?? [], flush]);
        if (_others![index].Flush >= flush.Flush) return this;
        var others = (FlushId[])_others.Clone();
        others[index] = flush;
        return new AppliedFlushes(_first, others);
    }

    /// <summary>The same with all flushes of another added.</summary>
    public AppliedFlushes With(in AppliedFlushes other)
    {
        var result = this;
        for (var i = 0; i < other.Count; i++) result = result.With(other[i]);
        return result;
    }

    /// <summary>Whether every flush of another is in.</summary>
    public bool Includes(in AppliedFlushes other)
    {
        for (var i = 0; i < other.Count; i++)
        {
            if (Of(other[i].Epoch) < other[i].Flush) return false;
        }

        return true;
    }
}
