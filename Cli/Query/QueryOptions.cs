using System.CommandLine;

namespace Tikr.Cli.Query;

/// <summary>The options that tikr ticks and tikr bars share.</summary>
internal sealed class QueryOptions
{
    private const string TimeHelp = "Unix nanoseconds, a date such as 2026-01-31T09:30:00Z, now, or before now: -5m";

    public Option<string> Series { get; } = new("--series", "-s") { Description = "Series to ask for", Required = true };

    public Option<string[]> Dimensions { get; } = new("--dim", "-d")
    {
        Description = "NAME=VALUE, once per dimension; those not given match every value",
        DefaultValueFactory = _ => [],
    };

    public Option<string> From { get; } = new("--from") { Description = $"Start: {TimeHelp}", DefaultValueFactory = _ => "-5m" };

    public Option<string> To { get; } = new("--to") { Description = $"End, not included: {TimeHelp}", DefaultValueFactory = _ => "now" };

    public Option<uint> Limit { get; } = new("--limit", "-n") { Description = "Most rows to answer; 0 is unlimited" };

    public Option<string> Format { get; } = new("--format", "-f") { Description = "table or csv; csv where the output is no terminal" };

    public Option<string> Address { get; } = Server.AddressOption();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Format.AcceptOnlyFromAmong("table", "csv");
        foreach (var option in new Option[] { Series, Dimensions, From, To, Limit, Format, Address }) command.Options.Add(option);
    }

    /// <summary>Reads the dimensions asked for.</summary>
    public IEnumerable<KeyValuePair<string, string>> DimensionsOf(ParseResult parsed)
    {
        foreach (var dimension in parsed.GetRequiredValue(Dimensions))
        {
            var at = dimension.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new CliException($"--dim '{dimension}' is not understood: write NAME=VALUE");
            yield return new(dimension[..at], dimension[(at + 1)..]);
        }
    }

    /// <summary>Where rows go.</summary>
    public RowOutput OutputOf(ParseResult parsed, Terminal terminal)
    {
        var table = parsed.GetValue(Format) is { } format ? format == "table" : terminal.Console.Profile.Out.IsTerminal;
        return table ? new TableOutput(terminal.Console) : new CsvOutput(terminal.Out);
    }
}
