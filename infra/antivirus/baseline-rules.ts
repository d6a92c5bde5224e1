/**
 * The project's own YARA rules: a baseline, so that a first installation stops the obvious without any daemon. They are no
 * substitute for a maintained signature database: run clamd for that.
 *
 * Every rule must carry a string `$anchor...` without modifiers in all it matches: the engine looks for those first, because a
 * YARA-X scan costs 8 ms whatever the size (measured; each scan compiles a WebAssembly module).
 */
export const BASELINE_RULES = String.raw`
rule Eicar_Test_File {
  meta: description = "EICAR anti-virus test file" family = "Eicar-Test-Signature"
  strings: $anchor = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
  condition: $anchor
}

rule Mailkeep_Test_String {
  meta: description = "Mailkeep's own harmless test string" family = "Mailkeep-Test-Signature"
  strings: $anchor = "MAILKEEP-STANDARD-ANTIVIRUS-TEST-STRING-8f1c2d"
  condition: $anchor
}

rule Office_Macro_Downloader {
  meta: description = "An auto-run macro that fetches and starts a program" family = "Baseline.Macro.Downloader"
  strings:
    $anchor1 = "AutoOpen"
    $anchor2 = "Auto_Open"
    $anchor3 = "Document_Open"
    $anchor4 = "Workbook_Open"
    $fetch1 = "URLDownloadToFile" nocase
    $fetch2 = "MSXML2.XMLHTTP" nocase
    $fetch3 = "WinHttp.WinHttpRequest" nocase
    $fetch4 = "powershell" nocase
    $run1 = "WScript.Shell" nocase
    $run2 = "Shell.Application" nocase
    $run3 = "CreateObject" nocase
    $run4 = "VBA.Shell" nocase
  condition: any of ($anchor*) and any of ($fetch*) and any of ($run*)
}

rule Script_Encoded_Powershell {
  meta: description = "A script that starts PowerShell hidden with an encoded command" family = "Baseline.Script.EncodedPowershell"
  strings:
    $anchor1 = "powershell"
    $anchor2 = "PowerShell"
    $anchor3 = "POWERSHELL"
    $encoded = /-e(nc|ncodedcommand)? [A-Za-z0-9+\/]{60}/ nocase
    $hidden = /-w(indowstyle)? +hidden/ nocase
  condition: any of ($anchor*) and $encoded and $hidden
}

rule Rtf_Equation_Exploit {
  meta: description = "RTF with an embedded Equation Editor object (CVE-2017-11882)" family = "Baseline.Exploit.CVE-2017-11882"
  strings:
    $anchor1 = "{\\rt"
    $equation1 = "Equation.3" nocase
    $equation2 = "4571756174696f6e2e33" nocase
    $object = "\\objdata" nocase
  condition: $anchor1 at 0 and $object and any of ($equation*)
}
`
