using Npgsql;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Schema;

/// <summary>Brings the shared tables of an older format to the present one, in the transaction that opens the catalog.</summary>
internal static class SchemaMigration
{
    /// <summary>
    /// From format 1: manifests say in columns which series they name. What policies had dropped was not recorded: it counts as gone up to
    /// the TTL that they went by, this once.
    /// </summary>
    public static async Task FromFirstAsync(TimescaleDatabase database, NpgsqlConnection connection, CancellationToken stop)
    {
        var schema = database.Schema;
        await connection.Command(
            $"ALTER TABLE {schema}.manifests ADD COLUMN pair_series integer[], ADD COLUMN pair_least bigint[], DROP COLUMN least_bucket")
            .RunAsync(stop).ConfigureAwait(false);
        var manifests = await connection.Command($"SELECT epoch, flush, pairs FROM {schema}.manifests")
            .ListAsync(ManifestLog.Read, stop).ConfigureAwait(false);
        foreach (var manifest in manifests)
        {
            var (series, least) = ManifestLog.ColumnsOf(manifest.Sections);
            await connection.Command($"UPDATE {schema}.manifests SET pair_series = $3, pair_least = $4 WHERE epoch = $1 AND flush = $2")
                .With((int)manifest.Id.Epoch).With((long)manifest.Id.Flush).With(series).With(least).RunAsync(stop).ConfigureAwait(false);
        }

        await connection.Command(
            $"ALTER TABLE {schema}.manifests ALTER COLUMN pair_series SET NOT NULL, ALTER COLUMN pair_least SET NOT NULL")
            .RunAsync(stop).ConfigureAwait(false);
        await connection.Command($"""
            UPDATE {schema}.state SET complete_from = greatest(complete_from, $1 - ticks_ttl_ns)
            WHERE ticks_ttl_ns > 0 AND EXISTS (SELECT FROM timescaledb_information.jobs
                WHERE hypertable_schema = $2 AND proc_name = 'policy_retention')
            """).With(database.Time.GetUnixNanoseconds()).With(database.Options.Schema).RunAsync(stop).ConfigureAwait(false);
        await connection.Command($"ALTER TABLE {schema}.state DROP COLUMN ticks_ttl_ns; UPDATE {schema}.state SET format = 2")
            .RunAsync(stop).ConfigureAwait(false);
    }

    /// <summary>
    /// From format 2: epochs belong to incarnations. Those there are count as sealed. The ledger gets another name, so that a server of an
    /// older version which is still running fails to commit, instead of writing what nobody could seal. It takes the lock that waits for
    /// commits under way.
    /// </summary>
    public static Task FromSecondAsync(TimescaleDatabase database, NpgsqlConnection connection, CancellationToken stop)
    {
        var schema = database.Schema;
        return connection.Command($"""
            DROP TABLE {schema}.flush_ledger;
            ALTER TABLE {schema}.ledger RENAME TO flush_ledger;
            INSERT INTO {schema}.incarnations (name, silo, spec_hash, sealed) VALUES ('before format 3', '', '', true);
            INSERT INTO {schema}.epochs (epoch, incarnation)
                SELECT f.epoch, i.id FROM (SELECT epoch FROM {schema}.flush_ledger UNION SELECT epoch FROM {schema}.manifests) AS f,
                    {schema}.incarnations AS i;
            UPDATE {schema}.state SET format = 3;
            """).RunAsync(stop);
    }
}
