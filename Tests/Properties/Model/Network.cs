using Tikr.Core.Delivery;

namespace Tikr.Tests.Properties.Model;

/// <summary>Between lanes and activations: what a lane delivers arrives in any order, at any time, twice, or never.</summary>
internal sealed class Network : IPartialRouter
{
    private readonly List<Parcel> _parcels = [];

    public int WaitingBars => 0;

    public int Division { get; private set; }

    /// <summary>Hears when a lane has delivered again under a division.</summary>
    public Action<uint, int>? OnDeliveredAgain { get; set; }

    public void DeliveredAgain(uint epoch, int division) => OnDeliveredAgain?.Invoke(epoch, division);

    /// <summary>From now on keys have other owners.</summary>
    public void Divide() => Division++;

    public bool IsEmpty => _parcels.Count == 0;

    public Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
    {
        var batch = new Batch(deliveries.Count);
        foreach (var delivery in deliveries) _parcels.Add(new Parcel(delivery.Key.KeyId, delivery.Partial, batch));
        return batch.Applied;
    }

    /// <summary>Takes a parcel; one that stays will arrive once more.</summary>
    public Parcel? Take(int choice, bool stays = false)
    {
        if (_parcels.Count == 0) return null;
        var taken = _parcels[choice % _parcels.Count];
        _parcels.Remove(taken);
        if (stays) _parcels.Add(taken.Copy());
        return taken;
    }

    /// <summary>Everything under way is lost, and nobody is there to hear of it.</summary>
    public void Clear() => _parcels.Clear();

    /// <summary>A partial under way.</summary>
    internal sealed class Parcel(uint keyId, Partial partial, Batch? batch)
    {
        public uint KeyId => keyId;

        public Partial Partial => partial;

        public void Done(bool applied) => batch?.Done(applied);

        // The sender uses a partial again once it was applied.
        public Parcel Copy() => new(keyId, partial.Copy(), batch: null);
    }

    /// <summary>The parcels of one delivery.</summary>
    internal sealed class Batch(int parcels)
    {
        private readonly TaskCompletionSource<bool> _applied = new();
        private int _left = parcels;
        private bool _all = true;

        public Task<bool> Applied => _applied.Task;

        public void Done(bool applied)
        {
            _all &= applied;
            if (--_left == 0) _applied.SetResult(_all);
        }
    }
}
