using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Engine;

/// <summary>Which bodies of a transaction are read, and how. Rules of phase 1 may change it.</summary>
internal sealed class BodyAccess
{
    public bool ReadsRequest { get; set; }

    public bool ReadsResponse { get; set; }

    public BodyKind Kind { get; set; }

    public bool IsVariableForced { get; set; }

    public void Reset(RuleSettings settings)
    {
        ReadsRequest = settings.ReadsRequestBody;
        ReadsResponse = settings.ReadsResponseBody;
        Kind = BodyKind.None;
        IsVariableForced = false;
    }
}
