using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Tikr.Storage.Timescale;

/// <summary>Checks <see cref="TimescaleStoreOptions"/>. Never names the connection string's value: it may hold a password.</summary>
internal sealed partial class TimescaleStoreOptionsValidator : IValidateOptions<TimescaleStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, TimescaleStoreOptions options)
    {
        List<string> errors = [];
        if (TimescaleConnection.ProblemOf(options.ConnectionString) is { } problem) errors.Add(problem);
        if (!SchemaName().IsMatch(options.Schema))
            errors.Add(
                $"Schema is '{options.Schema}': it must be 1 to 40 of a-z, 0-9 and _, beginning with a letter, and not begin with pg_.");
        CheckTtl("storage.ticks.ttl", options.TicksTtl);
        CheckTtl("storage.rollup.ttl", options.BarsTtl);
        CheckAtLeast("storage.ticks.max_size_gb", options.TicksMaxBytes, 0);
        CheckAtLeast("storage.rollup.max_size_gb", options.BarsMaxBytes, 0);
        CheckAtLeast(nameof(options.WriteConnections), options.WriteConnections, 2);
        CheckAtLeast(nameof(options.ReadConnections), options.ReadConnections, 1);
        if (options.OperationTimeout < TimeSpan.FromSeconds(1) || options.OperationTimeout > TimeSpan.FromMinutes(5))
            errors.Add($"{nameof(options.OperationTimeout)} is {options.OperationTimeout}: it must be from 1s to 5m.");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckTtl(string key, TimeSpan ttl)
        {
            if (ttl < TimeSpan.FromHours(1) || ttl > TimeSpan.FromHours(24))
                errors.Add($"{key} is {ttl}: it must be from 1h to 24h.");
        }

        void CheckAtLeast(string key, long value, long least)
        {
            if (value < least) errors.Add($"{key} is {value}: it must be at least {least}.");
        }
    }

    [GeneratedRegex("^(?!pg_)[a-z][a-z0-9_]{0,39}$")]
    private static partial Regex SchemaName();
}
