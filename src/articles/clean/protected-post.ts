import { cleanLine } from './clean-text.js';
import { plainText } from './excerpt.js';

/**
 * What WordPress puts before the title of a post with a password ("Protected: %s") and of a private one ("Private: %s"), in its
 * languages: from the language packs of WordPress 6.8 in Debian's package wordpress-l10n, and for Hindi, Korean, Polish and
 * Traditional Chinese also from newer packs of translate.wordpress.org.
 */
const TITLE_MARKS = (
  'محمي|خاص|Защитен|Лична|সংরক্ষিত|ব্যক্তিগত|Zaštićeno|Privatno|Protegit|Privat|پارێزراوه‌|تایبەتی|' +
  'Chráněno|Soukromý|Diogelwyd|Preifat|Beskyttet|Geschützt|Πρoστατευμένο|Απόρρητο|Protected|Private|' +
  'Protektita|Privata|Protegido|Privado|Kaitstud|Privaatseid|Babestuta|Pribatua|حفاظت شده|خصوصی|' +
  'Suojattu|Yksityinen|Protégé|Privé|Fo dhìon|Prìobhaideach|Protexido|מוגן|פרטי|Védett|Magánjellegű|' +
  'Diproteksi|Protetto|Privato|保護中|非公開|Ditutupi|დაცული|პირადი|잠긴 글|개인글|Aizsargāts|Privāts|Заштитено|' +
  'Приватно|Dilindungi|Persendirian|ကာကွယ်ထားသည်။|ကိုယ်ပိုင်သီးသန့်။|Beveiligd|Zabezpieczony|Prywatny|' +
  'Parolat|Защищено|Личное|Приватная|Приватное|ආරක්ෂිත|පුද්ගලික|Chránené heslom|Súkromný obsah|' +
  'Zaščiteno|Zasebno|I mbrojtur|Vetjake|Заштићено|Ditulakan|Pribadi|Lösenordsskyddad|Kingwa|Binafsi|' +
  'பாதுகாக்கப்பட்டது|ป้องกัน|ส่วนตัว|Korumalı|Özel|قوغدالغان|شەخسىي|Захищено|Приватне|محفوظ کیا ہوا|' +
  'Bảo vệ|Riêng tư|密码保护|私密|受保護|不公開|受保護的文章|보호된 글|비공개|Zabezpieczone|Prywatne|受保護的內容|私密內容|संरक्षित|निजी|' +
  'Προστατευμένο'
).split('|');

/** "There is no excerpt because this is a protected post.", from the same packs. */
const EXCERPTS = new Set(
  [
    'لا يوجد مختصر لأن هذه التدوينة محمية بكلمة مرور.',
    'Няма откъс, защото публикацията е защитена.',
    'সংরক্ষিত বলে এই পোস্টের কোন উদ্ধৃতি নেই',
    'Nema izvatka zbog toga što je ovo zaštićen članak.',
    'No hi ha extracte perquè és una entrada protegida.',
    'هیچ ده‌رکێشانێک نییه‌ له‌به‌رئه‌وه‌ی ئه‌مه‌ بابه‌تێکی پاڕێزراوه‌',
    'Stručný obsah příspěvku zde není uveden, protože je tento příspěvek chráněn heslem.',
    'Nid oes cyfran gan fod hwn yn gofnod wedi ei ddiogelu.',
    'Der er intet uddrag, da dette er et beskyttet indlæg.',
    'Es gibt keine Kurzfassung, da dies ein geschützter Beitrag ist.',
    'Δεν υπάρχει απόσπασμα διότι το άρθρο είναι ιδιωτικό.',
    'There is no excerpt because this is a protected post.',
    'Mankas resumo, ĉar tiu ĉi afiŝo estas pasvorte protektita.',
    'No hay extracto porque es un artículo protegido.',
    'No hay extracto porque es una entrada protegida.',
    'Katkend puudub, kuna see postitus on kaitstud.',
    'Ez dauka laburpenik, pasahitza behar duen bidalketa babestua baita.',
    'هیچ چکیده‌ای موجود نیست زیرا‌این یک نوشته حفاظت شده است.',
    'Otetta ei näytetä, koska artikkeli on suojattu.',
    'Il n’y pas d’extrait, car cet article est protégé.',
    "Chan eil às-earrann ann a chionn 's gur e post fo dhìon a tha ann.",
    'Non hai extracto porque este é un artigo protexido.',
    'זהו פוסט מוגן ואין לו תקציר.',
    'Nema izvatka jer je objava zaštićena.',
    'Nincs kivonat, mert ez egy védett tartalmú bejegyzés.',
    'Tidak ada kutipan karena ini adalah tulisan yang dilindungi kata sandi.',
    'Non è disponibile alcun riassunto in quanto si tratta di un articolo protetto.',
    'この投稿はパスワードで保護されているため抜粋文はありません。',
    'Ora ono petik-an amargo iki tulisan sing ditutupi nanggo tembung sandi.',
    'ამონაწერი არ არის, რადგან ეს დაცული ჩანაწერია.',
    '잠긴 글에는 요약문이 없습니다.',
    'Šim rakstam nav izraksta, jo tas ir aizsargāts ar paroli.',
    'Нема извадок бидејќи ова е заштитен напис.',
    'Tiada petikan kerana kiriman ini dilindungi.',
    'ဤစာမူသည် ကာကွယ်ပိတ်ပင်ထားသြဖင့် ေကာက်နှုတ်ချက်မေတွ့နိုင်ပါ။',
    'Det finnes ikke utdrag siden innlegget er beskyttet.',
    'Er is geen uittreksel omdat dit bericht is beveiligd.',
    'Er is geen samenvatting omdat dit bericht is beveiligd.',
    'Brak wypisu, ponieważ wpis jest zabezpieczony hasłem.',
    'Não há Resumo por ser um post protegido.',
    'Não existe excerto porque se trata de um artigo protegido.',
    'Nu există un rezumat, acesta este un articol protejat.',
    'Цитаты нет, потому что запись защищена.',
    'Нет цитаты, поскольку это приватная статья.',
    'මෙය ආරක්ෂිත ලිපියක් බැවින් උපුටාගැනීමක් නොමැත.',
    'Článok nemá zhrnutie, pretože je chránený.',
    'Ni izvlečka, ker je prispevek zaščiten.',
    'Nuk ka copëz sepse ky është postim i mbrojtur.',
    'Нема исечка јер је ово заштићен чланак.',
    'Di dieu teu aya tingkesan, lantaran ieu mah mangrupi seratan anu ditulakan.',
    'Det finns inget utdrag eftersom det här är ett skyddat inlägg.',
    'Hakuna zaidi kwasababu hili ni chapisho limelindwa.',
    'ไม่มีคำตัดทอนเพราะว่านี่เป็นเรื่องที่ถูกป้องกัน',
    'Burada alıntı yok çünkü bu yazı korumalı.',
    'بۇ بىر قوغدالغان يازما بولغاچقا بۇ يەردە ئۈزۈندى يوق.',
    'Цитата відсутня, оскільки це приватна публікація.',
    'افتباس دستیاب نہیں کیونکہ یہ ایک محفوظ کیا گیا خط ہے۔',
    'Không có trích dẫn vì bài này được bảo vệ.',
    '无法提供摘要。这是一篇受保护的文章。',
    '受保護的文章不會有摘要。',
    '受保護的文章不會產生摘要。',
    '보호 글이라서 요약이 없습니다.',
    'Brak zajawki, ponieważ wpis jest zabezpieczony hasłem.',
    '受密碼保護的文章不會產生內容摘要。',
    'यहाँ कोई उद्धरण नही है क्योंकि यह एक संरक्षित पोस्ट है।',
  ].map(comparable),
);

const TITLE_MARK = new RegExp(`^(?:${TITLE_MARKS.map(comparable).join('|')}) ?: ?(?=\\S)`, 'u');

/** The form of wp-login.php that stands in place of the text, whatever the language. */
const PASSWORD_FORM = /<form\b[^<>]*(?:[?&;]action=postpass\b|\bpost-password-form\b)/i;

/**
 * Whether WordPress shows that it keeps this post from the public: by the form for its password, by what it says instead of an
 * excerpt, or by the mark before the title. A private post has only the mark: it is in feeds that are made for somebody who is
 * logged in.
 * @param html as it came, before it is sanitised; the sanitiser drops the form
 */
export function looksProtected({
  title,
  summary,
  html,
}: {
  title: string;
  summary: string;
  html: string;
}): boolean {
  if (PASSWORD_FORM.test(html) || TITLE_MARK.test(comparable(title))) return true;
  return (
    EXCERPTS.has(comparable(summary)) || (html.length < 1000 && EXCERPTS.has(comparable(plainText(html))))
  );
}

/** Whether a form is that for a post's password. */
export function isPasswordForm({ action = '', class: names = '' }: Record<string, string>): boolean {
  return PASSWORD_FORM.test(`<form ${action} ${names}`);
}

/** In one spelling of colons, spaces and joiners. */
function comparable(text: string): string {
  return cleanLine(text.normalize('NFKC').replace(/[\u200b-\u200d]/g, ''));
}
