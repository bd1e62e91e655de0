/** How servers say things in reports that follow no standard. All are looked for in lower case, one line or one text at a time. */

/** Stands in many bounces and says nothing of why. */
export const BOILERPLATE =
  /return(?:ed|ing)?(?: (?:the |your )?(?:message|mail))? to (?:the )?sender|the sender (?:of this message )?(?:has been|was) notified|(?:if|please) .{0,40}contact (?:the |your )?(?:system |mail |e-?mail )?(?:administrator|postmaster|provider)[^.\n]{0,80}|for (?:further|more) (?:assistance|information)[^.\n]{0,120}|this is an automatic\S*(?: \S+){0,6}|this message was created automatically by mail (?:delivery software|system)|a message that you (?:have )?sent could not be delivered to (?:one or more|all)[^.]{0,40}recipients/gi;

/** Lines that repeat what was in the header or the envelope. */
export const REPEATED_HEADER =
  /^[ \t]*(?:original[- ]|sent[- ]|return[- ]|envelope[- ]|your )?(?:mail from|rcpt to|from|to|cc|subject|sender(?:-mta)?|date|path|message-?id|size[^:\n]{0,20}|number of lines)[ \t]*:[^\n]*$/gim;

/** Who writes bounces: the beginning of the local part, or a word of the name, in From. */
export const DAEMON =
  /mailer[-_ .]?(?:daemon|demon|deamon)|poo?st[-_.]?master|mail ?(?:delivery|administrator|system|service|er\b)|mdaemon|delivery (?:sub)?system|\bndr\b|imss|bounce|undeliver|system administrator|mail\.?delivery|smtp[_ ]mail|antivirus|mailadm|inetgw|no-?reply.*(?:bounce|mail)|exchange server/;

/** A subject that only bounces and delays have. */
export const BOUNCE_SUBJECT =
  /undeliver|non[- ]?deliver|not delivered|(?:delivery|mail|message|transport|transfer|smtp|e-?mail) (?:has |have |system |was )?(?:fail|error|problem|warning|delay|status|notif|report|rejected)|fail(?:ed|ure)? (?:notice|mail|delivery|to deliver|message)|failure (?:notice|delivery)|returned (?:mail|to sender)|mail (?:could not|failed|returned|error)|could not be deliver|cannot be deliver|wasn't delivered|unzustellbar|unbekannt|non remis|no (?:se ha podido )?entrega|mail ?not ?delivered|delivery (?:notification|attempt)|processing error|nameserver error|unknown (?:user|recipient|local)|user unknown|warning: (?:message|could not|mail)|message delayed|delayed mail|bounce|недостав|не доставлен|投递失败|退信|配信|送信|メール|rebotad|nedoru|\bndn:|\bndr:|delivery problem|automatically rejected|account.* (?:closed|disabled)|recens|quota|mailbox (?:full|is full)|address (?:change|unknown)|email delivery|error (?:during|sending)|rejected (?:message|mail)|message rejected|wrong address/;

/** A sentence that only bounces and delays have. */
export const BOUNCE_SENTENCE =
  /failure reasons?\b|(?:could|can|was|were|has|have|is|been|did|does)(?: not|n't)(?: yet)? (?:be(?:en)? )?(?:deliver|received|sent to|reach)|unable to (?:deliver|process|relay)|undeliver(?:able|ed)|delivery (?:to the following|has failed|failed|attempt|fail|status|of (?:e-?mail|your|the))|failed (?:recipient|address|permanently|to deliver)|following (?:recipient|address|mail|message|error)|permanent(?:ly)? (?:fatal )?(?:error|fail|delivery)|fatal errors|returned to (?:you|sender)|has been returned|not deliver|no such (?:user|recipient|address)|user unknown|unknown user|\baddressee\b|problem (?:with|delivering)|was rejected|were rejected|has been (?:rejected|blocked|delayed)|bounced|not been delivered|error[- ](?:for|text|code)|invalid final delivery|delivery agent|zugestellt|unzustellbar|remis|delivre|delivré|entregad|entregue|не может быть доставлен|не доставлен|送信|配信|届け|投递|无法|退回|doručen|(?:mail|message) (?:box )?(?:system|server|delivery)|over quota|not accepting/;

/** Still being tried. */
export const DELAY_SENTENCE =
  /warning (?:message )?only|not yet been|has not been delivered yet|still (?:being|awaiting|trying|in the queue|undelivered)|will (?:be retried|continue|keep|try again|retry|be attempted)|(?:continue|continuing) (?:trying|to (?:try|attempt))|has been (?:delayed|postponed|deferred)|delivery attempts will|no action is (?:needed|required)|do(?:n't| not) (?:need to )?resend|will be (?:resent|queued)|is delayed|message (?:is )?delayed|delay(?:ed)? (?:mail|in the delivery)|temporarily (?:delayed|queued)|advisory[- ]only/;

/** It was given up in the end, whatever is said of trying before. */
export const GIVEN_UP_SENTENCE =
  /permanent|given up|giving up|gave up|(?<!will )give up on|(?<!will be )returned to (?:you|sender)|no further|not (?:going to )?try again|won't try again|has expired|failed permanently|final attempt|will not be (?:retried|tried)|has been removed from the|was not delivered within/;

/** Where the returned mail begins: nothing behind it is the server's own. */
export const RETURNED_FOLLOWS = [
  /^[ >|=+_*.-]*(?:here is |this is |included is |attachment is |the )?(?:a )?(?:cop(?:y|ies)|start|beginning|header(?:s)?|first \d+ lines|part) of (?:the |your |my )?(?:original |returned |source |rejected |undelivered |failed |first |message|mail)/,
  /^[ >|=+_*.-]*(?:below this line|this is a copy|here is a copy|attachment is a copy|a copy of the (?:original|message)|included is a copy)/,
  /^(?![ >|=+_*.-]*undeliverable mail$)[ >|=+_*.-]*(?:your |the |begin |start of |first part of |beginning of )?(?:unsent|original|returned|undelivered|forwarded|undeliverable|source|rejected|bounced|failed)[ -](?:mail|message|e-?mail)(?:[ -](?:header|text|body|headers))?(?: \(truncated\))?(?: attached)?(?: begins?)?(?:[ -](?:follow|below|is|was|attached|headers?)s?)*[ :.>|=+_*-]*$/,
  /^[ >|=+_*.-]*(?:message|mail|e-?mail) (?:headers?|text|body|contents?|data)(?: and (?:headers?|body|text))?(?: of (?:the )?(?:original|message).*)?(?: follows?| attached| suppressed)?[ :.|=+_*-]*$/,
  /^[ >|=+_*.-]*(?:the )?(?:header(?:s)? and|first \d+ lines|header lines|transcript of (?:the )?(?:original|message))/,
  /your (?:original )?(?:message|mail) (?:reads|follows|is attached|begins)|original message(?:'s headers)? (?:follows|is attached|headers)|(?:message|mail) you sent follows|header of the (?:original|source) (?:message|mail)|below the next line is a copy|summary of the undelivered message|unsent message (?:below|follows)|(?<!to send the )(?:message|returned mail) follows/,
  /^[ >|=+_*.-]*(?:original|ursprüngliche|mensaje|message d'origine|mensagem|oryginaln|původní)[^@]{0,30}(?:original|nachricht|adjunto|follows|zpráva)?[ :.|=+_*-]*$/,
  /^(?:return-path|received|x-originating-ip|dkim-signature): ?[^ ]/,
] as const;

/** Addresses that are named for help, not because mail to them failed. */
export const HELP_ADDRESS =
  /^(?:postmaster|mailer-daemon|abuse|support|help(?:desk)?|admin(?:istrator)?|hostmaster|webmaster|root|noc|security|mdaemon|unblock|delist|whitelist)[\w.-]*@/i;

/** What stands before an address that did not fail. */
export const OTHER_ROLE =
  /(?:(?<!generated |expanded )from|sender|contact|please (?:send|contact|forward)|mail(?:to)?|via|by|e-?mail to|write to|assistance|help|mail from|relay|reply-to|return-path|report(?:ed)?)[ :=<"'(]*$/;

/** Subjects of automatic answers, in the languages that mail programs write them in. */
export const ANSWER_SUBJECT =
  /^\W*(?:re: ?)?(?:auto(?:matic|mated|matische|matisk|matyczna)?[- ]?(?:reply|response|respon[sd]er?|answer|antwort|svar|odpowiedź)|auto ?:|out[- ]?of[- ]?(?:the[- ]?)?office|ooo\b|away from|(?:i am|i'm) (?:away|out|on)|on (?:vacation|holiday|leave)|vacation|abwesen|nicht im (?:büro|haus)|abwezig|afwezig|réponse automatique|absen(?:ce|t|zn)|respuesta autom|fuera de (?:la )?oficina|risposta automatica|resposta autom|fora d[oe] escrit|poissa|frånvar|fravær|ikke (?:på|til stede)|poza biurem|nieobecno|автоответ|автоматический ответ|自动(?:回复|答复)|自動(?:返信|応答|回覆)|不在|부재|자동 (?:회신|응답)|yanıt|automaattinen|mimo kancelář|automatick|szabadság|autorespond|holiday)/;

/** What an automatic answer says. */
export const ANSWER_SENTENCE =
  /out of (?:the )?office|(?:on|taking) (?:vacation|holiday|annual leave|leave|maternity)|auto(?:matic|mated)?[- ]?(?:reply|response|answer)|currently (?:away|out|unavailable|not in)|away from (?:my|the) (?:desk|office|e-?mail)|will (?:be back|return|respond|reply|get back|answer)|limited access to|no longer (?:with|work|employed)|have left|thank you for (?:your|contacting|writing)|we (?:have )?received your|nicht im (?:büro|haus)|im urlaub|bin (?:ich )?(?:nicht|bis|erst|ab)|abwesend|en vacances|absent(?:e)? (?:du|jusqu)|fuera de la oficina|de vacaciones|gracias por contactar|sono (?:assente|in ferie)|estou (?:ausente|de férias)/;

/** A question that a sender has to answer before the mail is let through: who asks it, and how. */
export const CHALLENGE_SERVICE =
  /spamarrest|spam arrest|boxbe|\btmda\b|bluebottle|sendio|knowspam|\bqurb\b|account is protected by|challenge[\s/-]*response/;

export const CHALLENGE =
  /sender (?:address )?verification|verify (?:that )?(?:you are|your (?:e-?mail|message|identity))|confirm (?:that )?(?:you are (?:a )?(?:human|person|real)|your (?:message|e-?mail(?: address)?|identity)(?: (?:to|so|before|by)))|(?:approved|allowed|whitelisted|guest|safe|trusted) senders? list|click (?:here|on|the link)[^.]{0,80}(?:deliver|release|approve|verify|whitelist)|(?:message|mail) (?:is|has been|was) (?:being )?(?:held|quarantined|waiting)[^.]{0,80}(?:confirm|verify|approv|reply|click)|please (?:reply|respond|click)[^.]{0,80}(?:so that|to (?:deliver|release|confirm|prove|be (?:added|approved)))/;
