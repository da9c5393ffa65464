using Microsoft.Extensions.Logging;
using Npgsql;
using Tikr.Orleans.Postgres.Schema;

namespace Tikr.Orleans.Postgres;

/// <summary>Sets the database up at a silo's start, and waits a while for a server that is not there yet.</summary>
internal sealed class OrleansDatabaseSetUp(TikrPostgresOptions options, NpgsqlConnectionStringBuilder at, TimeProvider time, ILogger<OrleansDatabaseSetUp> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(CancellationToken cancellation)
    {
        // Unpooled: one connection, once.
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(at.ConnectionString) { Pooling = false });
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await OrleansDatabase.SetUpAsync(source, cancellation).ConfigureAwait(false)) Log.SetUp(logger, at.Database, at.Host, at.Port);
                return;
            }
            catch (NpgsqlException away)
            {
                var waited = time.GetElapsedTime(started);
                if (!away.IsTransient || waited >= options.StartTimeout) throw OrleansDatabaseException.Unreachable(at, waited, away);
                Log.Waiting(logger, at.Database, at.Host, at.Port, away.Message);
            }

            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }
}
