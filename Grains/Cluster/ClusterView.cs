using System.Diagnostics.CodeAnalysis;
using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Grains.Activations;

namespace Tikr.Grains.Cluster;

/// <summary>
/// The division of keys among the silos as this silo knows it, and what follows when it changes: activations of keys that are another's
/// now are let go, links to other silos come and go, and the buckets of keys that were gained are recomputed until every gateway has
/// delivered again what no bar covers. With one silo nothing of it costs anything. Read from any thread.
/// </summary>
internal sealed class ClusterView
{
    private readonly Lock _changing = new();
    private readonly SiloAddress _self;
    private readonly ActivationRegistry _registry;
    private readonly LiveGateways _gateways;
    private readonly SiloLinks _links;
    private readonly TimeProvider _time;
    private readonly HashSet<uint> _remote = [];
    private readonly HashSet<uint> _owing = [];
    private volatile Division _now;
    private volatile Division? _settledBefore;
    private volatile int _shown;
    private volatile bool _isSettled = true;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClusterView(ILocalSiloDetails silo, ActivationRegistry registry, LiveGateways gateways, SiloLinks links, TimeProvider time)
    {
        (_self, _registry, _gateways, _links, _time) = (silo.SiloAddress, registry, gateways, links, time);
        _now = new Division(0, [], _self);
    }

    /// <summary>The present division.</summary>
    public Division Now => _now;

    /// <summary>Number of the division by which lanes may deliver: nothing of this silo goes by an older one any more.</summary>
    public int Shown => _shown;

    /// <summary>This silo.</summary>
    public SiloAddress Self => _self;

    /// <summary>
    /// Whether a key's deliveries are all known here: the silo owned it before, or every gateway has delivered again since.
    /// </summary>
    public bool IsSettled(UInt128 hash) => _isSettled || (_settledBefore is { } before && before.IsMine(hash));

    /// <summary>The link to the owner of a key; false if that is this silo.</summary>
    public bool TryFindOwner(UInt128 hash, [NotNullWhen(true)] out RemoteTarget? target)
    {
        target = null;
        var division = _now;
        if (division.IsMine(hash)) return false;
        target = _links.TargetOf(division, division.OwnerOf(hash));
        return target is not null;
    }

    /// <summary>Takes over who takes part.</summary>
    /// <param name="members">Silos that own keys from now on, this one among them once it has joined.</param>
    /// <param name="live">Epochs of all gateways that may still commit, of members or not.</param>
    public void Change(IReadOnlyList<Member> members, IReadOnlyCollection<uint> live)
    {
        Division division;
        lock (_changing)
        {
            RemoveEnded(live);
            if (_now.IsSameAs(members)) return;
            division = new Division(_now.Number + 1, members, _self);
            _settledBefore = _isSettled && _now.Members.Length > 0 ? _now : null;
            _owing.Clear();
            foreach (var member in division.Members) _owing.UnionWith(member.Epochs);
            _isSettled = _owing.Count == 0;
            _links.Change(division, _self);
            AddGateways(division);
            _now = division;
        }

        // Before any lane goes by the new division: what it then delivers again must not reach an activation that is about to go.
        foreach (var activation in _registry.All) activation.ReleaseIfForeign();
        _shown = division.Number;
        Wake();
    }

    /// <summary>A gateway has delivered again, under a division, what no bar covers.</summary>
    public void DeliveredAgain(uint epoch, int division)
    {
        lock (_changing)
        {
            if (_now.Number != division || !_owing.Remove(epoch)) return;
            _isSettled = _owing.Count == 0;
        }

        Wake();
    }

    /// <summary>Completes when this silo takes part and every other member has confirmed it.</summary>
    public async Task JoinedAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (IsConfirmed()) return;
            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Silos that have not confirmed this one, for messages.</summary>
    public IReadOnlyList<SiloAddress> Unconfirmed() => _links.Unconfirmed(_now);

    private bool IsConfirmed() => Array.Exists(_now.Members, member => member.Silo.Equals(_self)) && Unconfirmed().Count == 0;

    // A bucket that waits for the word of one that has ended is looked at by the next partial, or by its clock.
    private void RemoveEnded(IReadOnlyCollection<uint> live)
    {
        foreach (var epoch in _remote.Where(epoch => !live.Contains(epoch)).ToArray())
        {
            _remote.Remove(epoch);
            _gateways.Remove(epoch);
            if (_owing.Remove(epoch)) _isSettled = _owing.Count == 0;
        }
    }

    private void AddGateways(Division division)
    {
        foreach (var member in division.Members)
        {
            if (member.Silo.Equals(_self)) continue;
            foreach (var epoch in member.Epochs)
            {
                if (!_remote.Add(epoch)) continue;
                _gateways.Add(epoch, _links.CoverageOf(member.Silo, epoch), Instant.MonotonicOf(_time), isRemote: true);
            }
        }
    }

    private void Wake() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
