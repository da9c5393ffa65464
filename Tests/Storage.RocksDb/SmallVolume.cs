using System.Diagnostics;
using Tikr.Tests.Support;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>A volume of its own in memory, which only root may mount; elsewhere the test is skipped and says so.</summary>
internal sealed class SmallVolume : IDisposable
{
    public SmallVolume(int megabytes)
    {
        Folder = Directory.CreateTempSubdirectory("tikr-volume-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Folder) is not { } error) return;
        Directory.Delete(Folder);
        throw ServersNeeded.Missed($"a small volume cannot be mounted ({error}): run as root on Linux");
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    public void Dispose()
    {
        Run("umount", "--lazy", Folder);
        Directory.Delete(Folder);
    }

    /// <summary>Runs a command; answers why it failed, or null.</summary>
    private static string? Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return missing.Message;
        }
    }
}
