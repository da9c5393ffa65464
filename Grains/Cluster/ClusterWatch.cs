using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Grains.Cluster;

/// <summary>
/// Keeps <see cref="ClusterView"/> true: brings together who is alive, by Orleans' membership, and who is registered with the store. Silos
/// that the membership knows as dead are sealed in the store, by every one that lives, and what they left is recovered.
/// </summary>
internal sealed class ClusterWatch(
    IClusterMembershipService membership, ClusterView view, TikrGrainOptions options, ILogger<ClusterWatch> logger,
    SealedPairs sealedPairs, IFatalErrorHandler fatal, TimeProvider time, IIncarnations? incarnations = null) : ICluster, IAsyncDisposable
{
    private readonly Wakeup _look = new();
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly LogPace _failures = new(time);
    private readonly string _self = view.Self.ToParsableString();
    private Task _loop = Task.CompletedTask, _following = Task.CompletedTask;
    private Task _recovering = Task.CompletedTask;
    private string _definitions = "";
    private bool _joins;

    /// <inheritdoc/>
    public string? WaitsFor => _joins && view.Unconfirmed() is { Count: > 0 } silos ? $"silos {string.Join(", ", silos)}" : null;

    /// <inheritdoc/>
    public async Task RegisterAsync(string definitions, CancellationToken cancellation)
    {
        if (incarnations is null) return;
        _definitions = definitions;
        await incarnations.RegisterAsync(new Incarnation(_self, view.Self.Endpoint.ToString(), definitions), cancellation)
            .ConfigureAwait(false);
        await SealDeadAsync(await incarnations.ListAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task JoinAsync(CancellationToken cancellation)
    {
        if (incarnations is null) return;
        _joins = true;
        _loop = Task.Run(RunAsync, CancellationToken.None);
        _following = Task.Run(FollowMembershipAsync, CancellationToken.None);
        await view.JoinedAsync(cancellation).ConfigureAwait(false);
        _joins = false;
    }

    /// <summary>Looks soon: somebody goes by another division.</summary>
    public void Look() => _look.Set();

    /// <summary>Looks now, and takes over what has changed.</summary>
    internal async Task LookOnceAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var all = await incarnations!.ListAsync(cancellation).ConfigureAwait(false);
            var anyDied = await SealDeadAsync(all, cancellation).ConfigureAwait(false);
            if (anyDied) all = await incarnations.ListAsync(cancellation).ConfigureAwait(false);
            if (EndsIfSealed(all)) return;
            var living = all.Where(one => !one.IsSealed).ToArray();
            var before = view.Now.Number;
            view.Change(MembersOf(living), [.. living.SelectMany(one => one.Epochs)]);
            if (view.Now.Number != before && view.Now.Members.Length > 1)
                Log.Divided(logger, view.Now.Members.Length, string.Join(", ", view.Now.Members.Select(member => member.Silo)));
            if (anyDied) _recovering = sealedPairs.RecoverAsync();
            else sealedPairs.ForgetRecovered();
        }
        finally
        {
            _one.Release();
        }
    }

    // The container knows it by two names.
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loop, _following, _recovering).ConfigureAwait(false);
        _stop.Dispose();
        _look.Dispose();
        _one.Dispose();
    }

    // Others took it for dead, or went by another membership. Nothing that it does counts any more, whatever Orleans says.
    private bool EndsIfSealed(IReadOnlyList<RegisteredIncarnation> all)
    {
        if (all.Any(one => one.Incarnation.Name == _self && !one.IsSealed)) return false;
        var dead = new StoreSealedException(_self);
        fatal.OnFatalException(this, dead.Message, dead);
        return true;
    }

    // States of other bar definitions must not meet: a silo that goes by others makes bars by itself, until it goes by the same.
    private Member[] MembersOf(IEnumerable<RegisteredIncarnation> living) =>
    [
        .. living.Where(one => IsSilo(one) && one.Epochs.Count > 0 && one.Incarnation.SpecHash == _definitions)
            .Select(one => new Member(AddressOf(one), [.. one.Epochs.Order()]))
            .Where(member => membership.CurrentSnapshot.GetSiloStatus(member.Silo) == SiloStatus.Active),
    ];

    // Who writes without having said which silo it is, is in no membership.
    private static bool IsSilo(RegisteredIncarnation one) => one.Incarnation.Silo.Length > 0;

    private static SiloAddress AddressOf(RegisteredIncarnation one) => SiloAddress.FromParsableString(one.Incarnation.Name);

    // The membership is read after the rows of the incarnations: a silo registers only once it is in the membership, so one that is not in
    // it, or dead in it, will never write again that is not refused.
    private async Task<bool> SealDeadAsync(IReadOnlyList<RegisteredIncarnation> all, CancellationToken cancellation)
    {
        RegisteredIncarnation[] suspects =
            [.. all.Where(one => !one.IsSealed && IsSilo(one) && one.Incarnation.Name != _self && IsDead(one))];
        if (suspects.Length == 0) return false;
        await membership.Refresh(default, cancellation).ConfigureAwait(false);
        RegisteredIncarnation[] dead = [.. suspects.Where(IsDead)];
        foreach (var one in dead)
        {
            await incarnations!.SealAsync(one.Incarnation.Name, cancellation).ConfigureAwait(false);
            Log.Sealed(logger, one.Incarnation.Name);
        }

        return dead.Length > 0;
    }

    private bool IsDead(RegisteredIncarnation one) =>
        membership.CurrentSnapshot.GetSiloStatus(AddressOf(one)) is SiloStatus.Dead or SiloStatus.None;

    private async Task FollowMembershipAsync()
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(_stop.Token).ConfigureAwait(false)) Look();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await TryLookAsync().ConfigureAwait(false);
                await _look.WaitAsync(options.ClusterPollPeriod, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task TryLookAsync()
    {
        try
        {
            await LookOnceAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            Log.Origin(logger, error);
            if (_failures.Next() is { } failures)
                Log.WatchFailed(logger, failures, options.ClusterPollPeriod.TotalSeconds, error.GetBaseException().Message);
        }
    }
}
