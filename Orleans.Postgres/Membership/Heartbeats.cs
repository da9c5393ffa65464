using Microsoft.Extensions.Logging;

namespace Tikr.Orleans.Postgres.Membership;

/// <summary>
/// Shows in the membership table that this silo lives, several times within the timeout, and declares those dead whose heartbeats stand
/// still. Orleans' probes tell when silos do not reach each other; this tells when one does not reach the database, hangs, or died in a
/// former life of the whole cluster, when nobody is left to probe it.
/// </summary>
internal sealed class Heartbeats(
    IMembershipTable table, IClusterMembershipService members, ILocalSiloDetails self, TikrPostgresOptions options,
    OrleansStart start, TimeProvider time, ILogger<Heartbeats> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int BeatsPerTimeout = 8;
    private readonly CancellationTokenSource _stop = new();
    private readonly HeartbeatJudge _judge = new(options.HeartbeatTimeout);
    private readonly long _begin = time.GetTimestamp();
    private Task _running = Task.CompletedTask;
    private bool _isActive, _isTrouble;

    public void Participate(ISiloLifecycle lifecycle)
    {
        // From when the table can be read, before the silo waits for all that the table calls active.
        lifecycle.Subscribe(nameof(Heartbeats), ServiceLifecycleStage.RuntimeGrainServices + 1, StartAsync, StopAsync);
        lifecycle.Subscribe(nameof(Heartbeats), ServiceLifecycleStage.Active, BecomeActiveAsync);
    }

    public void Dispose() => _stop.Dispose();

    private Task StartAsync(CancellationToken cancellation)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private Task BecomeActiveAsync(CancellationToken cancellation)
    {
        _isActive = true;
        start.WaitingFor = null;
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        using var pace = new PeriodicTimer(options.HeartbeatTimeout / BeatsPerTimeout, time);
        try
        {
            while (await pace.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false)) await BeatAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            // One that waits for longer is no sign of life.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(options.HeartbeatTimeout);
            await table.UpdateIAmAliveAsync(
                new MembershipEntry { SiloAddress = self.SiloAddress, IAmAliveTime = time.GetUtcNow().UtcDateTime }, patience.Token)
                .WaitAsync(patience.Token).ConfigureAwait(false);
            var read = await table.ReadAllAsync(patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
            // Gossip may be lost; and one that was declared dead while it hung is to know at once.
            var version = new MembershipVersion(read.Version.Version);
            if (members.CurrentSnapshot.Version < version) await members.Refresh(version, patience.Token).ConfigureAwait(false);
            await JudgeAsync(read).ConfigureAwait(false);
            _isTrouble = false;
        }
        catch (Exception failure) when (!_stop.IsCancellationRequested)
        {
            if (!_isTrouble) Log.HeartbeatFailed(logger, failure.Message);
            _isTrouble = true;
        }
    }

    private async Task JudgeAsync(MembershipTableData read)
    {
        var now = time.GetElapsedTime(_begin);
        var silent = _judge.Look(
            [
                .. read.Members.Select(member => member.Item1)
                    .Where(entry => !entry.SiloAddress.Equals(self.SiloAddress) && entry.Status
                        is SiloStatus.Joining or SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
                    .Select(entry => (entry.SiloAddress, entry.IAmAliveTime)),
            ],
            now);
        if (!_isActive) start.WaitingFor = WaitingFor(now);
        foreach (var (silo, still) in silent)
        {
            if (await members.TryKill(silo).ConfigureAwait(false))
                Log.DeclaredDead(logger, silo.ToString(), still.TotalSeconds);
        }
    }

    // A living silo's heartbeat changes at every look or two.
    private string? WaitingFor(TimeSpan now)
    {
        var still = string.Join(", ", _judge.Still(now, options.HeartbeatTimeout / 4).Select(silo => silo.Endpoint));
        return still.Length == 0 ? null
            : $"silos of an earlier run at {still}: they do not answer, and count as dead once their heartbeats have stood still "
                + $"for {options.HeartbeatTimeout.TotalSeconds:0.#} s";
    }
}
