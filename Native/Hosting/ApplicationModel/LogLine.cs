using System.Runtime.InteropServices;

namespace Aspire.Hosting.ApplicationModel;

[StructLayout(LayoutKind.Auto)]
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
