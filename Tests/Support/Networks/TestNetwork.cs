using System.Diagnostics;
using System.Globalization;

namespace Tikr.Tests.Support.Networks;

/// <summary>
/// Machines on a switch: network namespaces joined by a bridge, which this process is at too. Cables can be cut between any two of them:
/// packets then vanish, connections stay open, and what was sent arrives when the cut heals, as with real machines.
/// </summary>
public sealed class TestNetwork : IAsyncDisposable
{
    // Names carry the process's id: what a killed run has left is recognised by it.
    private const string Prefix = "tikr-";
    private static readonly string Own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    private readonly string _bridge = $"tikr{Own}";
    private readonly string _subnet = string.Create(CultureInfo.InvariantCulture, $"10.77.{Environment.ProcessId % 250}");
    private readonly List<TestMachine> _machines = [];

    private TestNetwork()
    {
    }

    /// <summary>Makes an empty network. Skips the running test where this process may not.</summary>
    public static async Task<TestNetwork> StartAsync()
    {
        await RemoveLeftoversAsync().ConfigureAwait(false);
        var network = new TestNetwork();
        try
        {
            await IpAsync("link", "add", network._bridge, "type", "bridge", "forward_delay", "0").ConfigureAwait(false);
            await IpAsync("addr", "add", $"{network._subnet}.254/24", "dev", network._bridge).ConfigureAwait(false);
            await IpAsync("link", "set", network._bridge, "up").ConfigureAwait(false);
            return network;
        }
        catch (Exception refused) when (refused is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            await network.DisposeAsync().ConfigureAwait(false);
            throw ServersNeeded.Missed($"Network namespaces cannot be made (root and iproute2 are needed): {refused.Message}");
        }
    }

    /// <summary>Adds a machine to the network.</summary>
    public async Task<TestMachine> AddAsync()
    {
        var number = _machines.Count + 1;
        var (name, outer) = ($"{Prefix}{Own}-{number}", $"tv{Own}-{number}");
        var machine = new TestMachine(new NetworkNamespace(name), $"{_subnet}.{number}", outer);
        _machines.Add(machine);
        await IpAsync("netns", "add", name).ConfigureAwait(false);
        await IpAsync("link", "add", outer, "type", "veth", "peer", "name", TestMachine.Device, "netns", name).ConfigureAwait(false);
        await IpAsync("link", "set", outer, "master", _bridge, "up").ConfigureAwait(false);
        await IpAsync("-n", name, "addr", "add", $"{machine.Address}/24", "dev", TestMachine.Device).ConfigureAwait(false);
        await IpAsync("-n", name, "link", "set", TestMachine.Device, "up").ConfigureAwait(false);
        await IpAsync("-n", name, "link", "set", "lo", "up").ConfigureAwait(false);
        return machine;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _machines) await RemoveAsync("netns", "del", machine.Namespace.Name).ConfigureAwait(false);
        await RemoveAsync("link", "del", _bridge).ConfigureAwait(false);
    }

    /// <summary>Runs <c>ip</c>.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has its error.</exception>
    internal static Task IpAsync(params string[] arguments) => RunAsync("ip", arguments);

    /// <summary>Runs a program of the system.</summary>
    internal static async Task RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardError = true
        })!;
        var error = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {error.Trim()}");
    }

    private static async Task RemoveAsync(params string[] arguments)
    {
        try
        {
            await IpAsync(arguments).ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // It was never made.
        }
    }

    private static async Task RemoveLeftoversAsync()
    {
        if (!Directory.Exists("/run/netns")) return;
        var left = Directory.GetFiles("/run/netns", Prefix + "*").Select(Path.GetFileName)
            .Select(name => (Name: name!, Owner: name!.Split('-')[1])).Where(space => !Directory.Exists($"/proc/{space.Owner}")).ToList();
        foreach (var (name, _) in left) await RemoveAsync("netns", "del", name).ConfigureAwait(false);
        foreach (var owner in left.Select(space => space.Owner).Distinct())
            await RemoveAsync("link", "del", $"tikr{owner}").ConfigureAwait(false);
    }
}
