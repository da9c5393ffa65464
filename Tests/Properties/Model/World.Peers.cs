using Tikr.Core.Delivery;
using Tikr.Grains.Recovery;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// Other nodes that live beside the first, each with a gateway of its own, and keys that change their owner. Each node is registered with
/// the store, and is sealed when the others take it for dead, which it may not be.
/// </summary>
internal sealed partial class World
{
    private const int MostPeers = 2;
    private readonly List<Node> _peers = [];
    private readonly HashSet<RecoveredPair> _sealedPairs = [];
    private readonly HashSet<uint> _owing = [];

    // Epochs of all nodes that ever lived beside the first.
    private readonly HashSet<uint> _besides = [];
    private readonly bool _isCluster;
    private int _lives;

    /// <summary>Whether what is delivered for a bucket of the key can be all there is.</summary>
    public bool IsKnownHere(uint keyId, long bucketStart) =>
        _owing.Count == 0 && !_sealedPairs.Contains(new RecoveredPair(_series.Id, keyId, bucketStart));

    private IEnumerable<Node> Living => _peers.Append(_node);

    private Node PeerOf(Step step) => _peers.Count == 0 ? _node : _peers[step.B % _peers.Count];

    private Incarnation? NextLife() => _isCluster ? new Incarnation($"life {++_lives}", "silo", "") : null;

    private async Task JoinAsync()
    {
        if (!_isCluster || _peers.Count == MostPeers) return;
        var store = NewStore();
        try
        {
            var series = (await store.OpenAsync([_spec.ToModel()], default))[0];
            _peers.Add(await StartAsync(store, series));
            _besides.Add(_peers[^1].Lane.Epoch);
            Divide(_peers.Count);
        }
        catch (Exception error) when (error is StoreUnavailableException or InvalidOperationException)
        {
            // A start that the store fails: what has been registered is sealed by the next.
            store.Crash();
        }
    }

    private async Task PeerCommitAsync(Step step)
    {
        var peer = PeerOf(step);
        await ReceiveAsync(peer, step);
        peer.Lane.Queue.Hurry();
        await peer.StepAsync();
    }

    // It may live on, and not know it.
    private async Task PeerDiesAsync(Step step)
    {
        if (_peers.Count == 0) return;
        var peer = PeerOf(step);
        _peers.Remove(peer);
        peer.IsZombie = true;
        _zombies.Add(peer);
        await SealAsync(peer);
        Divide(step.A);
        await _node.SweepAsync();
        ForgetRecovered();
    }

    private async Task SealAsync(Node node)
    {
        if (node.Incarnation is not { } dead) return;
        _gateways.Remove(node.Lane.Epoch);
        _owing.Remove(node.Lane.Epoch);

        // Whoever lives goes on trying until the store takes it.
        await new MemoryStore(_disk, _time).SealAsync(dead.Name, default);
    }

    // Keys have other owners: activations are gone, and what was on its way may be, although its senders think it has arrived.
    private void Divide(int choice)
    {
        if (!_isCluster) return;
        foreach (var activation in _activations.Where((_, i) => (choice + i) % 3 != 0).ToArray())
        {
            _activations.Remove(activation);
            activation.Dead = true;
        }

        for (var i = choice % 3; i > 0 && _network.Take(choice) is { } parcel; i--) parcel.Done(applied: true);
        _network.Divide();
        _owing.Clear();
        _owing.UnionWith(Living.Select(node => node.Lane.Epoch));
    }

    private void DeliveredAgain(uint epoch, int division)
    {
        if (division == _network.Division) _owing.Remove(epoch);
    }

    // A sealed gateway had committed more than some buckets know of.
    private void NoteSealed(LeftPairs left)
    {
        foreach (var (pair, flushes) in left.Pairs)
        {
            if (pair.SeriesId != _series.Id) continue;
            _sealedPairs.Add(pair);
            foreach (var activation in _activations.Where(activation => activation.KeyId == pair.KeyId))
                activation.Buckets.NoteSealed(pair.BucketStart, flushes, Clock);
        }
    }

    private void ForgetRecovered()
    {
        if (!_node.HasOpenPairs) _sealedPairs.Clear();
    }

    private async Task EndPeersAsync()
    {
        foreach (var peer in _peers)
        {
            peer.Store.Crash();
            await peer.DisposeAsync();
        }

        _peers.Clear();
        _owing.Clear();
        _sealedPairs.Clear();
    }

    // Of a start: those that do not live any more are sealed by whoever starts, before it recovers.
    private async Task RegisterAsync(MemoryStore store, Incarnation self)
    {
        await store.RegisterAsync(self, default);
        var living = _peers.Append(_node).Where(node => node is { IsZombie: false }).Select(node => node.Incarnation?.Name).ToHashSet();
        foreach (var one in await store.ListAsync(default))
        {
            if (!one.IsSealed && one.Incarnation != self && !living.Contains(one.Incarnation.Name))
                await store.SealAsync(one.Incarnation.Name, default);
        }
    }
}
