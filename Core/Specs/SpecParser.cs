using Tikr.Core.Configuration;
using Tikr.Core.Configuration.Yaml;
using Tikr.Core.Time;

namespace Tikr.Core.Specs;

/// <summary>Reads series specs from their texts: pure, and all errors of all files at once.</summary>
public static class SpecParser
{
    /// <summary>Reads spec files.</summary>
    /// <param name="files">The files.</param>
    /// <param name="ticksTtl">Life of stored ticks, which must outlast a bar; null to leave that unchecked.</param>
    /// <param name="hasKafka">Whether there are brokers to publish to; null to leave that unchecked.</param>
    public static SpecsResult Parse(IEnumerable<SpecFile> files, TimeSpan? ticksTtl = null, bool? hasKafka = null)
    {
        var life = ticksTtl is { } ttl ? ttl.ToNanoseconds() : long.MaxValue;
        var problems = new Problems();
        var specs = new List<SeriesSpec>();
        var declared = new Dictionary<string, Located>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (ParseFile(file, problems, declared, life, hasKafka) is { } spec) specs.Add(spec);
        }

        return new SpecsResult([.. specs], problems.Errors, problems.Notices);
    }

    private static SeriesSpec? ParseFile(
        SpecFile file, Problems problems, Dictionary<string, Located> declared, long tickLife, bool? hasKafka)
    {
        var before = problems.ErrorCount;
        var root = YamlText.Read(file.Text, file.Name, problems);
        if (root is null or { IsEmpty: true })
        {
            // Nothing was declared, unless the text was no YAML, which is reported already.
            if (problems.ErrorCount == before) problems.Reject(new Located(file.Name, 0, "", null), ConfigMessages.EmptySpec);
            return null;
        }

        SpecKeys.Shape.Check(root, file.Name, problems);
        if (root is not YamlMap map) return null;

        var section = new YamlSection(map, "", file.Name, problems);
        var spec = SpecReader.Read(section, file.Name, problems);
        if (section.Find("series") is { } at && !declared.TryAdd(at.Text!, at))
            problems.Reject(at, ConfigMessages.SeriesTwice(declared[at.Text!].Place));
        // A bar that is open for as long as its ticks live could not be recomputed, and its late ticks would be rejected.
        if (spec.RollupNs + spec.GraceNs >= tickLife)
            section.Section("granularity").Reject("rollup", ConfigMessages.RollupBeyondTtl(tickLife));
        if (hasKafka == false) SpecReader.ReportWithoutKafka(section, spec, problems);
        return problems.ErrorCount == before ? spec : null;
    }
}
