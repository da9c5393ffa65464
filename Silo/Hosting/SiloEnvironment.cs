using System.Collections;

namespace Tikr.Silo.Hosting;

internal static class SiloEnvironment
{
    /// <summary>The process's environment variables.</summary>
    public static Dictionary<string, string> Read() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
}
