namespace Tikr.Tests.Support.Processes;

/// <summary>How a server under test is started.</summary>
public sealed record SiloOptions
{
    /// <summary>Names the log and the folder.</summary>
    public string Name { get; init; } = "silo";

    /// <summary>Data of an earlier run to open; null for a new empty folder that is deleted in the end.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Specs by file name; none for those that ship with the server.</summary>
    public IReadOnlyDictionary<string, string> Specs { get; init; } = new Dictionary<string, string>();

    /// <summary>Time to live of ticks and bars.</summary>
    public string Ttl { get; init; } = "24h";

    /// <summary>os or disk.</summary>
    public string Durability { get; init; } = "os";

    /// <summary>Connection string of the database that is its store; null for the embedded store.</summary>
    public string? Database { get; init; }

    /// <summary>Further environment of the process: any configuration key as TIKR_ and its path.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Address on which its ports listen.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Its ports, the same after every start; null for others that are free each time.</summary>
    public Ports? Ports { get; init; }

    /// <summary>What runs the server's program, such as <c>ip netns exec NAME</c>; none for the program itself.</summary>
    public IReadOnlyList<string> Runner { get; init; } = [];

    /// <summary>How long the server may take to be ready.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
