using System.Globalization;

namespace Tikr.Tests.Storage.Timescale.Servers;

/// <summary>Looks at the processes of this machine.</summary>
internal static class Processes
{
    /// <summary>Processes that a process has started and that still run.</summary>
    public static IEnumerable<(int Id, string Command)> ChildrenOf(int parent) =>
        from folder in Directory.GetDirectories("/proc")
        let id = Path.GetFileName(folder)
        where id.All(char.IsAsciiDigit)
        let stat = ReadOrNothing(Path.Combine(folder, "stat"))
        where stat.Length > 0 && stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture)
        select (int.Parse(id, CultureInfo.InvariantCulture), ReadOrNothing(Path.Combine(folder, "cmdline")).Replace('\0', ' '));

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return "";
        }
    }
}
