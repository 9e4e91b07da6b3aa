namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes at one place mean. A star in the pattern stands for any one key.</summary>
/// <param name="Pattern">Keys, <c>routes.*.policies.authenticate</c>.</param>
/// <param name="Judge">The meaning; null leaves the change to a later rule.</param>
internal sealed record SecurityRule(string Pattern, Func<TreeChange, Judgement?> Judge)
{
    private readonly string[] keys = Pattern.Split('.');

    public bool Covers(TreeChange change)
    {
        if (change.Segments.Count != keys.Length) return false;
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != "*" && keys[i] != change.Segments[i]) return false;
        }

        return true;
    }
}
