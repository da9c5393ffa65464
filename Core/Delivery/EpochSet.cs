namespace Tikr.Core.Delivery;

/// <summary>A few gateway epochs. A value: a copy is a snapshot. One epoch, which is usual, takes no memory of its own.</summary>
public readonly struct EpochSet
{
    private readonly uint _first;
    private readonly uint[]? _others;

    private EpochSet(uint first, uint[]? others) => (_first, _others) = (first, others);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _first == 0;

    /// <summary>Whether an epoch is in it.</summary>
    public bool Contains(uint epoch) => epoch != 0 && (_first == epoch || (_others is not null && Array.IndexOf(_others, epoch) >= 0));

    /// <summary>The same with an epoch, greater than 0.</summary>
    public EpochSet With(uint epoch) =>
        Contains(epoch) ? this : _first == 0 ? new EpochSet(epoch, null) : new EpochSet(_first, [.. _others ?? [], epoch]);

    /// <summary>The same without an epoch.</summary>
    public EpochSet Without(uint epoch)
    {
        if (!Contains(epoch)) return this;
        if (_first != epoch) return new EpochSet(_first, _others!.Length == 1 ? null : [.. _others.Where(other => other != epoch)]);
        return _others is null ? default : new EpochSet(_others[0], _others.Length == 1 ? null : _others[1..]);
    }

    /// <summary>Whether one of them is alive.</summary>
    public bool HasLive(LiveGatewaySet gateways)
    {
        ArgumentNullException.ThrowIfNull(gateways);
        if (_first == 0) return false;
        if (gateways.IsLive(_first)) return true;
        foreach (var other in _others ?? [])
        {
            if (gateways.IsLive(other)) return true;
        }

        return false;
    }
}
