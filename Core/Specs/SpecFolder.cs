using Tikr.Core.Configuration;

namespace Tikr.Core.Specs;

/// <summary>Reads the series specs of a folder. The parsing itself is <see cref="SpecParser"/>, which touches no file.</summary>
public static class SpecFolder
{
    /// <summary>Reads every .yaml and .yml file of the folder, in the order of their names; subfolders are not read.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="ticksTtl">Life of stored ticks, which must outlast a bar; null to leave that unchecked.</param>
    /// <param name="hasKafka">Whether there are brokers to publish to; null to leave that unchecked.</param>
    public static SpecsResult Load(string path, TimeSpan? ticksTtl = null, bool? hasKafka = null)
    {
        var problems = new Problems();
        var files = Names(path, problems).Select(name => (name, text: ConfigFiles.Read(name, problems)))
            .Where(file => file.text is not null).Select(file => new SpecFile(file.name, file.text!)).ToList();
        var parsed = SpecParser.Parse(files, ticksTtl, hasKafka);
        problems.Add([.. WithoutForeignText(parsed.Errors)], parsed.Notices);
        return parsed with { Errors = problems.Errors };
    }

    // Who may put a link into the folder may not read every file that the server may: what is in one must not show in its errors.
    private static IEnumerable<ConfigError> WithoutForeignText(IEnumerable<ConfigError> errors)
    {
        foreach (var file in errors.GroupBy(error => error.File))
        {
            if (ConfigFiles.ForeignTarget(file.Key) is not { } target)
            {
                foreach (var error in file) yield return error;
                continue;
            }

            var (rule, remedy) = ConfigMessages.ForeignFile(target, file.Count());
            yield return new ConfigError(file.Key, 0, "", null, rule, remedy);
        }
    }

    private static string[] Names(string path, Problems problems)
    {
        try
        {
            var names = Directory.EnumerateFiles(path).Where(name => Path.GetExtension(name).ToLowerInvariant() is ".yaml" or ".yml")
                .Order(StringComparer.Ordinal).ToArray();
            if (names.Length == 0) Reject(ConfigMessages.NoSpecFiles);
            return names;
        }
        catch (DirectoryNotFoundException)
        {
            Reject(ConfigMessages.NoSuchFolder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Reject(ConfigMessages.Unreadable(error.Message));
        }

        return [];

        void Reject(Complaint complaint) => problems.Reject(new Located(path, 0, "", null), complaint);
    }
}
