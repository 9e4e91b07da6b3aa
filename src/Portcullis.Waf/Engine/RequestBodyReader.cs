using Portcullis.Waf.Bodies;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>Reads a request's body into variables, by the kind that its content type or a rule says.</summary>
internal sealed class RequestBodyReader(Evaluation evaluation) : IBodySink
{
    private readonly MultipartLimits multipartLimits = new(evaluation.Plan.Settings.ArgumentsLimit, evaluation.Plan.Settings.UploadFileLimit);
    private readonly JsonOptions jsonOptions = new(evaluation.Plan.Settings.JsonDepthLimit, evaluation.Plan.Settings.ArgumentsLimit);
    private long argumentBytes;
    private long fileBytes;
    private NamedValues? into;

    /// <summary>The kind that a content type stands for, as in ModSecurity 2: forms only; JSON and XML are for rules to ask for.</summary>
    public static BodyKind KindOf(ReadOnlySpan<byte> contentType)
    {
        if (StartsWith(contentType, "application/x-www-form-urlencoded"u8)) return BodyKind.Urlencoded;
        return StartsWith(contentType, "multipart/form-data"u8) ? BodyKind.Multipart : BodyKind.None;
    }

    public static ReadOnlySpan<byte> Name(BodyKind kind) => kind switch
    {
        BodyKind.Urlencoded => "URLENCODED"u8,
        BodyKind.Multipart => "MULTIPART"u8,
        BodyKind.Json => "JSON"u8,
        BodyKind.Xml => "XML"u8,
        BodyKind.Raw => "RAW"u8,
        _ => [],
    };

    /// <summary>Reads the query of the request's target.</summary>
    public void ReadQuery(Slice query)
    {
        argumentBytes = 0;
        into = evaluation.Message.ArgsGet;
        var settings = evaluation.Plan.Settings;
        var result = UrlEncodedReader.Read(query.Span, settings.ArgumentSeparator, settings.ArgumentsLimit, this, out var invalid);
        if (invalid > 0) evaluation.Message.Set(Variable.UrlencodedError, 1);
        if (result.IsError) Fail(result);
        evaluation.Message.Set(Variable.ArgsCombinedSize, argumentBytes);
    }

    public void Read(CollectedBody body, ReadOnlySpan<byte> contentType)
    {
        (argumentBytes, fileBytes, into) = (0, 0, evaluation.Message.ArgsPost);
        var message = evaluation.Message;
        var settings = evaluation.Plan.Settings;
        var kind = evaluation.Bodies.Kind;
        message.Set(Variable.RequestBodyLength, body.Length);
        if (body.IsCut) message.Set(Variable.InboundDataError, 1);
        if (kind is BodyKind.Urlencoded or BodyKind.Raw || evaluation.Bodies.IsVariableForced || kind == BodyKind.None) SetBodyVariable(body, kind);
        if (body.Length == 0)
        {
            // Nothing to read is no error, but a boundary can be wrong all the same.
            if (kind != BodyKind.Multipart) return;
            MultipartReader.Read(contentType, [], multipartLimits, this, out var boundary);
            SetFlags(boundary);
            return;
        }

        var bytes = body.Memory.Span;
        var result = BodyResult.Read(0);
        switch (kind)
        {
            case BodyKind.Urlencoded:
                result = UrlEncodedReader.Read(bytes, settings.ArgumentSeparator, settings.ArgumentsLimit, this, out var invalid);
                if (invalid > 0) message.Set(Variable.UrlencodedError, 1);
                break;
            case BodyKind.Multipart:
                result = MultipartReader.Read(contentType, bytes, multipartLimits, this, out var flags);
                SetFlags(flags);
                // Other bodies are cut at this limit as they come in; of this kind only the files may go beyond it.
                if (!result.IsError && body.Length - fileBytes > settings.RequestBodyNoFilesLimit) result = BodyResult.Failed("SecRequestBodyNoFilesLimit exceeded", body.Length, result.Arguments);
                break;
            case BodyKind.Json:
                result = JsonReader.Read(bytes, jsonOptions, this);
                break;
            case BodyKind.Xml:
                result = message.ReadXml(body.Memory);
                break;
        }

        // What was cut off can't be well formed; that it was cut is told by INBOUND_DATA_ERROR.
        if (result.IsError && !(body.IsCut && !(evaluation.Settings.RefusesLongRequestBody ?? settings.RefusesLongRequestBody)))
        {
            Fail(result);
        }

        message.Set(Variable.ArgsCombinedSize, message.Number(Variable.ArgsCombinedSize) + argumentBytes);
        message.Set(Variable.FilesCombinedSize, fileBytes);
    }

    void IBodySink.TakeArgument(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        argumentBytes += name.Length + value.Length;
        if (evaluation.Arena.HasRoom(name.Length + value.Length)) evaluation.Message.Add(into!, name, value);
    }

    void IBodySink.TakeFile(ReadOnlySpan<byte> name, ReadOnlySpan<byte> fileName, ReadOnlySpan<byte> content)
    {
        fileBytes += content.Length;
        var message = evaluation.Message;
        var field = evaluation.Arena.Copy(name);
        message.Add(message.Files, field, evaluation.Arena.Copy(fileName));
        message.Add(message.FilesSizes, field, VariableStore.Decimal(evaluation.Arena, content.Length));
        if (evaluation.Plan.ReadsFileContent && evaluation.Arena.HasRoom(content.Length)) message.Add(message.FilesTmpContent, field, evaluation.Arena.Copy(content));
        message.Add(message.MultipartFilename, field, evaluation.Arena.Copy(fileName));
        message.Add(message.MultipartName, field, field);
    }

    void IBodySink.TakePartHeader(ReadOnlySpan<byte> partName, ReadOnlySpan<byte> line)
        => evaluation.Message.Add(evaluation.Message.MultipartPartHeaders, partName, line);

    private void Fail(BodyResult result)
    {
        evaluation.Message.Set(Variable.ReqbodyError, 1);
        evaluation.Message.Set(Variable.ReqbodyErrorMsg, Slice.Of(result.Message));
        if (!evaluation.Plan.ReadsBodyError) evaluation.Fault(EngineFault.UnreadableBody);
    }

    private void SetBodyVariable(CollectedBody body, BodyKind kind)
    {
        // ModSecurity 2 keeps the text of forms and of what a rule forces; what no parser knows is in no variable otherwise.
        if (body.Length == 0 || (kind == BodyKind.None && !evaluation.Bodies.IsVariableForced)) return;
        evaluation.Message.Set(Variable.RequestBody, evaluation.Arena.Copy(body.Memory.Span));
    }

    private void SetFlags(MultipartFlags flags)
    {
        var message = evaluation.Message;
        void Set(Variable variable, bool isSet) => message.Set(variable, isSet ? 1 : 0);
        Set(Variable.MultipartBoundaryQuoted, flags.HasFlag(MultipartFlags.BoundaryQuoted));
        Set(Variable.MultipartBoundaryWhitespace, flags.HasFlag(MultipartFlags.BoundaryWhitespace));
        Set(Variable.MultipartDataBefore, flags.HasFlag(MultipartFlags.DataBefore));
        Set(Variable.MultipartDataAfter, flags.HasFlag(MultipartFlags.DataAfter));
        Set(Variable.MultipartHeaderFolding, flags.HasFlag(MultipartFlags.HeaderFolding));
        Set(Variable.MultipartLfLine, flags.HasFlag(MultipartFlags.LfLine));
        Set(Variable.MultipartCrlfLfLines, flags.HasFlag(MultipartFlags.LfLine) && flags.HasFlag(MultipartFlags.CrlfLine));
        Set(Variable.MultipartMissingSemicolon, flags.HasFlag(MultipartFlags.MissingSemicolon));
        Set(Variable.MultipartInvalidQuoting, flags.HasFlag(MultipartFlags.InvalidQuoting));
        Set(Variable.MultipartInvalidPart, flags.HasFlag(MultipartFlags.InvalidPart));
        Set(Variable.MultipartInvalidHeaderFolding, flags.HasFlag(MultipartFlags.InvalidHeaderFolding));
        Set(Variable.MultipartFileLimitExceeded, flags.HasFlag(MultipartFlags.FileLimitExceeded));
        Set(Variable.MultipartStrictError, (flags & MultipartFlags.Strict) != MultipartFlags.None);
        Set(Variable.MultipartUnmatchedBoundary, (flags & MultipartFlags.UnmatchedBoundary) != MultipartFlags.None);
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix) => text.Length >= prefix.Length && AsciiCase.EqualsIgnoreCase(text[..prefix.Length], prefix);
}
