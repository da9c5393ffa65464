using System.Text.Json;
using System.Text.Json.Serialization;
using Tikr.Storage.Reaping;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>The guard against clock steps with its memory in the database, where an operator confirms one too.</summary>
internal sealed class ReaperClockStore(TimescaleDatabase database)
{
    private ClockStepGuard? _guard;
    private ReaperClock? _saved;
    private bool _confirmed;

    /// <summary>The clocks now, as a new schema keeps them.</summary>
    public static string First(TimeProvider time) => JsonSerializer.Serialize(ClockStepGuard.Read(time), ClockJson.Default.ReaperClock);

    /// <summary>Whether data may expire by this wall time.</summary>
    public async Task<bool> AllowsAsync(long nowNs, CancellationToken cancellation)
    {
        var (last, confirmed) = (await database.WriteAsync("read the reaper's clock", (connection, stop) =>
            connection.Command($"SELECT reaper_clock, clock_step_confirmed FROM {database.Schema}.state")
                .ListAsync(r => (r.IsDBNull(0) ? null : r.GetString(0), r.GetBoolean(1)), stop), cancellation).ConfigureAwait(false))[0];
        _guard ??= new ClockStepGuard(
            database.Time, last is null ? null : JsonSerializer.Deserialize(last, ClockJson.Default.ReaperClock), clock => _saved = clock,
            new ClockConfirmation($"run: UPDATE {database.Schema}.state SET clock_step_confirmed = true", TakeConfirmation),
                database.Logger);
        _confirmed = confirmed;
        _saved = null;
        var allowed = _guard.Allows(nowNs);
        if (_saved is { } clock)
        {
            await database.WriteAsync("save the reaper's clock", (connection, stop) =>
                connection.Command(
                    $"UPDATE {database.Schema}.state SET reaper_clock = $1, clock_step_confirmed = clock_step_confirmed AND $2")
                    .With(JsonSerializer.Serialize(clock, ClockJson.Default.ReaperClock)).With(_confirmed).RunAsync(stop), cancellation)
                        .ConfigureAwait(false);
        }

        return allowed;
    }

    private bool TakeConfirmation()
    {
        var confirmed = _confirmed;
        _confirmed = false;
        return confirmed;
    }
}

[JsonSerializable(typeof(ReaperClock))]
internal sealed partial class ClockJson : JsonSerializerContext;
