using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Grains.Metrics;

namespace Tikr.Grains.Cluster;

/// <summary>The links to the other silos of the present division.</summary>
internal sealed class SiloLinks(
    ExchangeClient client, LiveGateways gateways, GrainMetrics metrics, TikrGrainOptions options, TimeProvider time,
    ILogger<SiloLink> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<SiloAddress, SiloLink> _links = new();
    private Task _closing = Task.CompletedTask;
    private volatile Targets _targets = new(0, []);

    /// <summary>What leads to a member of a division; null if it is of an older one.</summary>
    public RemoteTarget? TargetOf(Division division, int member)
    {
        var targets = _targets;
        return targets.Number == division.Number ? targets.All[member] : null;
    }

    /// <summary>Where a gateway of another silo hears of coverage.</summary>
    public ICoverageSink CoverageOf(SiloAddress silo, uint epoch) => _links[silo].CoverageOf(epoch);

    /// <summary>The clock of a silo that sends under the present division; null if it is not of it any more.</summary>
    public ClockOffset? ClockOf(SiloAddress silo) => _links.TryGetValue(silo, out var link) ? link.Clock : null;

    /// <summary>Members that have not taken anything under a division.</summary>
    public IReadOnlyList<SiloAddress> Unconfirmed(Division division) =>
        [.. _links.Values.Where(link => link.Confirmed != division.Number).Select(link => link.Silo)];

    /// <summary>Opens links to members that have come, closes those to members that have gone, and begins all anew.</summary>
    public void Change(Division division, SiloAddress self)
    {
        foreach (var (silo, link) in _links)
        {
            if (Array.Exists(division.Members, member => member.Silo.Equals(silo))) continue;
            _links.TryRemove(silo, out _);
            _closing = Task.WhenAll(_closing, link.DisposeAsync().AsTask());
        }

        foreach (var member in division.Members)
        {
            if (member.Silo.Equals(self)) continue;
            _links.GetOrAdd(member.Silo, silo => new SiloLink(self, silo, client, gateways, metrics, options, time, logger))
                .Begin(division);
        }

        foreach (var old in _targets.All) old?.Release();
        _targets = new Targets(division.Number,
            [.. division.Members.Select(member => _links.TryGetValue(member.Silo, out var link) ? new RemoteTarget(link) : null)]);
    }

    /// <summary>Sends soon what has gathered.</summary>
    public void Wake()
    {
        foreach (var (_, link) in _links) link.Wake();
    }

    /// <summary>A lane of this silo has delivered again, under a division.</summary>
    public void DeliveredAgain(uint epoch, int division)
    {
        foreach (var link in _links.Values) link.DeliveredAgain(epoch, division);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links.Values) await link.DisposeAsync().ConfigureAwait(false);
        await _closing.ConfigureAwait(false);
    }

    private sealed record Targets(int Number, RemoteTarget?[] All);
}

/// <summary>The owner of a key in another silo, remembered beside the key for as long as a division lasts.</summary>
internal sealed class RemoteTarget(SiloLink link) : IPartialTarget
{
    private volatile bool _released;

    public SiloLink Link => link;

    /// <inheritdoc/>
    public bool IsReleased => _released;

    /// <summary>The division has ended.</summary>
    public void Release() => _released = true;
}
