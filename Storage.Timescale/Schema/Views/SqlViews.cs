using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Npgsql;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>
/// Keeps the views for people in step with the specs: part of opening the catalog, in a transaction of its own, so that nobody's query on a
/// view can hold up the schema. Views that are as they should be are not touched. The database refusing to change a view (something rests
/// on it, a query holds it) is told and never keeps the server from starting.
/// </summary>
internal sealed class SqlViews(TimescaleDatabase database, string readerRole)
{
    private const string LockTimeout = "SET LOCAL lock_timeout = '5s'";
    private readonly ReaderRole _reader = new(database, readerRole);

    /// <summary>Creates and changes the views of the configured series. Those of other series stay, and follow the TTL.</summary>
    public Task ApplyAsync(IReadOnlyList<TimescaleSeries> series, CancellationToken cancellation) =>
        database.MaintainAsync("prepare the views", async (connection, stop) =>
    {
        var transaction = await SchemaSetup.BeginAsync(database, connection, stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        await connection.Command($"{LockTimeout}; {ViewTables.Create(database.Schema)}").RunAsync(stop).ConfigureAwait(false);
        await connection.Command(ViewTables.SetTtl(database.Schema)).With(database.Options.TicksTtl.ToNanoseconds())
            .With(database.Options.BarsTtl.ToNanoseconds()).RunAsync(stop).ConfigureAwait(false);
        var catalog = await ViewCatalog.ReadAsync(connection, database, stop).ConfigureAwait(false);
        await ApplyFunctionAsync(connection, catalog, stop).ConfigureAwait(false);
        List<string> views = [], functions = [$"{database.Schema}.{BlockFunction.Name}(bytea)"];
        foreach (var one in series)
        {
            if (await ApplyAsync(connection, transaction, catalog, one, stop).ConfigureAwait(false) is not { } made) continue;
            views.AddRange(made.Views);
            functions.AddRange(made.Functions);
        }

        await _reader.ApplyAsync(connection, transaction, views, functions, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return true;
    }, cancellation);

    private async Task ApplyFunctionAsync(NpgsqlConnection connection, ViewCatalog catalog, CancellationToken stop)
    {
        var create = BlockFunction.Create(database.Schema);
        if (catalog.IsCurrent(0, Fingerprint(create), [new ViewObject(ViewKind.KeyFunction, 0, BlockFunction.Name)])) return;
        await connection.Command(create).RunAsync(stop).ConfigureAwait(false);
        await RememberAsync(connection, 0, Fingerprint(create), [], stop).ConfigureAwait(false);
    }

    /// <summary>The views as they are now; null if they are not what they should be.</summary>
    private async Task<SeriesViews?> ApplyAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, ViewCatalog catalog, TimescaleSeries series, CancellationToken stop)
    {
        var (id, name) = ((int)series.Series.Id, series.Series.Name);
        var had = catalog.Had(id);
        var barColumns = catalog.BarColumns(id);
        List<ViewObject> objects = [.. SeriesViews.Wanted(series, barColumns.Keys).Select(w => catalog.Name(name, id, w.Kind, w.RollupNs))];
        var views = new SeriesViews(series, database.Options, objects, barColumns);
        var fingerprint = Fingerprint(views.Create);
        if (catalog.IsCurrent(id, fingerprint, objects)) return views;

        var drop = views.Drop + DropUnwanted(had, objects);
        PostgresException? refusal = null;
        foreach (var script in had.TrueForAll(objects.Contains) ? [views.Create, drop + views.Create] : new[] { drop + views.Create })
        {
            await transaction.SaveAsync("views", stop).ConfigureAwait(false);
            try
            {
                await connection.Command(script).RunAsync(stop).ConfigureAwait(false);
                await RememberAsync(connection, id, fingerprint, objects, stop).ConfigureAwait(false);
                Tell(series, objects, had);
                return views;
            }
            catch (PostgresException e) when (e.SqlState[..2] is not ("08" or "57"))
            {
                await transaction.RollbackAsync("views", stop).ConfigureAwait(false);
                refusal = e;

                // What cannot be replaced (columns that change or go) can be dropped and made anew.
                if (e.SqlState is not (PostgresErrorCodes.InvalidTableDefinition or PostgresErrorCodes.InvalidFunctionDefinition)) break;
            }
        }

        var dependents = await DependentsAsync(connection, views, stop).ConfigureAwait(false);
        var rest = dependents.Count == 0 ? "" : $" On them rest: {string.Join(", ", dependents)}.";
        Log.ViewsNotChanged(database.Logger, name, $"{refusal!.MessageText} ({refusal.SqlState}).{rest}", Remedy(refusal.SqlState));
        return null;
    }

    /// <summary>Views of other people that rest on ours.</summary>
    private static Task<List<string>> DependentsAsync(NpgsqlConnection connection, SeriesViews views, CancellationToken stop) =>
        connection.Command("""
        SELECT DISTINCT r.ev_class::regclass::text FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid IN (SELECT to_regclass(v) FROM unnest($1::text[]) AS v)
            AND r.ev_class NOT IN (SELECT to_regclass(v) FROM unnest($1::text[]) AS v
            WHERE to_regclass(v) IS NOT NULL)
        """).With<string[]>([.. views.Views]).ListAsync(r => r.GetString(0), stop);

    private string DropUnwanted(List<ViewObject> had, List<ViewObject> wanted) => string.Concat(
        had.Where(o => !o.IsFunction && !wanted.Contains(o)).OrderByDescending(o => o.Kind == ViewKind.Ticks)
            .Select(o => $"DROP VIEW IF EXISTS {database.Schema}.{Sql.Quote(o.Name)};\n"));

    private async Task RememberAsync(
        NpgsqlConnection connection, int id, string fingerprint, List<ViewObject> objects, CancellationToken stop)
    {
        await connection.Command($"INSERT INTO {database.Schema}.view_series (series_id, fingerprint) "
            + $"VALUES ($1, $2) ON CONFLICT (series_id) DO UPDATE SET fingerprint = excluded.fingerprint")
            .With(id).With(fingerprint).RunAsync(stop).ConfigureAwait(false);
        await connection.Command($"DELETE FROM {database.Schema}.view_objects WHERE series_id = $1")
            .With(id).RunAsync(stop).ConfigureAwait(false);
        await connection.Command($"INSERT INTO {database.Schema}.view_objects (series_id, kind, "
            + $"rollup_ns, name) SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[])")
            .With(id).With<string[]>([.. objects.Select(o => o.Kind.ToString())])
                .With<long[]>([.. objects.Select(o => o.RollupNs)]).With<string[]>([.. objects.Select(o => o.Name)])
            .RunAsync(stop).ConfigureAwait(false);
    }

    private void Tell(TimescaleSeries series, List<ViewObject> objects, List<ViewObject> had)
    {
        var name = series.Series.Name;
        foreach (var o in objects.Where(o => !had.Contains(o)))
        {
            var wanted = name + ViewNames.Ending(o.Kind, o.RollupNs);
            if (o.Name != wanted) Log.ViewNamedOtherwise(database.Logger, name, o.Name, wanted, database.Options.Schema);
        }

        Log.ViewsCreated(database.Logger, name,
            string.Join(", ", objects.Where(o => !o.IsFunction).Select(o => $"{database.Options.Schema}.{o.Name}")));
    }

    private static string Remedy(string state) => state switch
    {
        PostgresErrorCodes.DependentObjectsStillExist => "Drop what rests on them and make it again afterwards",
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected => "End the queries and open transactions that use them",
        PostgresErrorCodes.InsufficientPrivilege => "Give this user the rights of the views' owner",
        PostgresErrorCodes.WrongObjectType => "Rename what has taken the name of a view",
        _ => "Drop the views",
    };

    private static string Fingerprint(string sql) =>
        XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(sql)).ToString("x32", CultureInfo.InvariantCulture);
}
