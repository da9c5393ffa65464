using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tikr.Orleans.Postgres.Schema;

namespace Tikr.Orleans.Postgres;

/// <summary>
/// Sets the database up before anything of the host starts, the silo included, and waits a while for a server that is not there yet.
/// </summary>
internal sealed class OrleansDatabaseSetUp(
    TikrPostgresOptions options, NpgsqlConnectionStringBuilder at, OrleansStart start, TimeProvider time,
    ILogger<OrleansDatabaseSetUp> logger)
    : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public Task StartingAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RunAsync(CancellationToken cancellation)
    {
        // Unpooled: one connection, once.
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(at.ConnectionString) { Pooling = false });
        await using var sourceEnd = source.ConfigureAwait(false);
        var started = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                start.WaitingFor ??= $"database {at.Database ?? at.Username} on {at.Host}:{at.Port}";
                if (await OrleansDatabase.SetUpAsync(source, cancellation).ConfigureAwait(false))
                    Log.SetUp(logger, at.Database ?? at.Username, at.Host, at.Port);
                start.WaitingFor = null;
                return;
            }
            catch (NpgsqlException away)
            {
                var waited = time.GetElapsedTime(started);
                if (!away.IsTransient || waited >= options.StartTimeout) throw OrleansDatabaseException.Unreachable(at, waited, away);
                start.WaitingFor = $"database {at.Database ?? at.Username} on {at.Host}:{at.Port}: {away.Message}";
                if (attempt == 0) Log.Waiting(
                    logger, at.Database ?? at.Username, at.Host, at.Port, options.StartTimeout.TotalSeconds, away.Message);
            }

            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }
}
