using System.Globalization;

namespace Tikr.Tests.EndToEnd.Attacks;

/// <summary>A server with little memory: what is not bounded ends it within seconds.</summary>
internal static class SmallServer
{
    /// <summary>Starts one with a heap of 400 MB.</summary>
    public static Task<SiloProcess> StartAsync(string name, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The attack and the client beside it share this process: neither may wait for the other's threads.
        ThreadPool.SetMinThreads(64, 64);
        var all = new Dictionary<string, string>(environment ?? new Dictionary<string, string>())
        {
            ["DOTNET_GCHeapHardLimit"] = (400 << 20).ToString("X", CultureInfo.InvariantCulture),
        };
        return SiloProcess.StartAsync(new SiloOptions { Name = name, Environment = all });
    }
}
